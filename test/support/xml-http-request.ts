/** As much of the browser's XMLHttpRequest as dicomweb-client uses, over fetch. */
export class XmlHttpRequest {
  readyState = 0;
  status = 0;
  responseType: '' | 'json' | 'arraybuffer' | 'text' = '';
  response: unknown = null;
  onreadystatechange: (() => void) | null = null;
  onloadstart: (() => void) | null = null;
  onloadend: (() => void) | null = null;
  onprogress: (() => void) | null = null;
  withCredentials = false;
  readonly #sent = new Headers();
  #received = new Headers();
  #method = 'GET';
  #url = '';

  open(method: string, url: string): void {
    this.#method = method.toUpperCase();
    this.#url = url;
  }

  setRequestHeader(name: string, value: string): void {
    this.#sent.append(name, value);
  }

  getResponseHeader(name: string): string | null {
    return this.#received.get(name);
  }

  getAllResponseHeaders(): string {
    return [...this.#received].map(([name, value]) => `${name}: ${value}\r\n`).join('');
  }

  send(body?: ArrayBuffer): void {
    this.onloadstart?.();
    void this.#exchange(body).finally(() => {
      this.readyState = 4;
      this.onreadystatechange?.();
      this.onloadend?.();
    });
  }

  async #exchange(body: ArrayBuffer | undefined): Promise<void> {
    const init = { method: this.#method, headers: this.#sent };
    const response = await fetch(this.#url, body === undefined ? init : { ...init, body });
    this.status = response.status;
    this.#received = response.headers;
    if (this.responseType === 'arraybuffer') this.response = await response.arrayBuffer();
    else if (this.responseType === 'json') this.response = await response.json();
    else this.response = await response.text();
  }
}
