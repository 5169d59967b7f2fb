"""Decodes frames with pydicom, Pillow or FFmpeg and windows them with numpy; writes PNMs. Each line that it reads is a job."""
import json, subprocess, sys, zlib, io
import numpy as np
from PIL import Image
import pydicom


def render(job):
    rows, cols, spp, bits = job["rows"], job["columns"], job["samples"], job["bits"]
    codec, data = job["codec"], open(job["frame"], "rb").read()
    if codec in ("jpeg", "jpeg-2000", "htj2k"):
        a = np.array(Image.open(io.BytesIO(data)))
        if a.dtype.itemsize > 1:
            a = a >> (16 - job["stored"])  # Pillow scales JPEG 2000 of more than 8 bits up to 16
        if a.shape[:2] != (rows, cols):  # a tile that was cut at the edge
            whole = np.full((rows, cols) + a.shape[2:], 255, a.dtype)
            whole[: a.shape[0], : a.shape[1]] = a
            a = whole
    elif codec in ("jpeg-xl", "jpeg-ls"):
        demuxer = ["-f", "jpegls_pipe"] if codec == "jpeg-ls" else []
        kind = ("rgb24", "u1", (rows, cols, 3)) if spp == 3 else ("gray16le", "<u2", (rows, cols))
        command = ["ffmpeg", "-v", "error"] + demuxer + ["-i", job["frame"], "-f", "rawvideo", "-pix_fmt", kind[0], "-"]
        a = np.frombuffer(subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=True).stdout, kind[1]).reshape(kind[2])
    elif codec == "deflated-frame":
        a = np.unpackbits(np.frombuffer(zlib.decompress(data, -15), "u1"), bitorder="little")[: rows * cols].reshape(rows, cols)
    elif bits == 1:
        a = pydicom.dcmread(job["path"], force=True).pixel_array
        a = a[job["number"] - 1] if a.ndim == 3 else a
    elif job["float"]:
        a = np.frombuffer(data, "<f%d" % (bits // 8)).reshape(rows, cols)
    else:
        raise ValueError("nothing here decodes it")
    if a.shape[:2] != (rows, cols):
        raise ValueError("shape %s" % (a.shape,))
    if spp == 1:
        x = a.astype("f8") * job["slope"] + job["intercept"]
        if job["window"] is None:
            low, high = (0, 2 ** job["stored"] - 1) if job["whole"] else (x.min(), x.max())
            y = (x - low) / (high - low)
        else:
            c, w = job["window"]
            y = (x - (c - w / 2)) / w if w < 1 or job["function"] == "LINEAR_EXACT" else (x - (c - 0.5)) / (w - 1) + 0.5
        a = np.rint(np.clip(y, 0, 1) * 255)
        if job["inverted"]:
            a = 255 - a
    open(job["picture"], "wb").write(b"P%d %d %d 255\n" % (6 if spp == 3 else 5, cols, rows) + a.astype("u1").tobytes())


for line in sys.stdin:
    try:
        render(json.loads(line))
        print("done", flush=True)
    except Exception as error:
        print(repr(error), flush=True)
