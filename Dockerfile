FROM node:22-bookworm-slim AS build
WORKDIR /causeway
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build && npm run viewer && npm prune --omit=dev

FROM node:22-bookworm-slim
WORKDIR /causeway
ENV NODE_ENV=production
COPY --from=build /causeway /causeway
# Text of presentation states is drawn with the fonts of the machine, and the image has none; MP4 needs an encoder.
RUN apt-get update && apt-get install -y --no-install-recommends fontconfig fonts-dejavu-core ffmpeg && rm -rf /var/lib/apt/lists/*
RUN mkdir /data && chown node:node /data
USER node
ENV CAUSEWAY_DATA_DIR=/data
VOLUME /data
EXPOSE 8080 5252
CMD ["node", "dist/main.js"]
