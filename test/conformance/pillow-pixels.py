"""Decodes the JPEG 2000 or HTJ2K frames of files with OpenJPEG in Pillow and writes the stored bits, little endian.

usage: pillow-pixels.py FILE OUTPUT
       pillow-pixels.py             reads lines ["FILE", "OUTPUT"], and answers each with `done` or what went wrong
"""
import io
import json
import sys

import numpy
import pydicom
from PIL import Image
from pydicom.encaps import generate_pixel_data_frame


def decode(source, output):
    dataset = pydicom.dcmread(source)
    allocated, stored = dataset.BitsAllocated, dataset.BitsStored
    frames = []
    for frame in generate_pixel_data_frame(dataset.PixelData, int(getattr(dataset, "NumberOfFrames", 1))):
        pixels = numpy.array(Image.open(io.BytesIO(frame))).astype(numpy.int64)
        # Pillow fills 8 or 16 bits from the top, and moves signed samples up so that none is negative.
        pixels >>= (16 if stored > 8 else 8) - stored
        if dataset.PixelRepresentation == 1:
            pixels -= 1 << (stored - 1)
        frames.append((pixels & ((1 << stored) - 1)).astype("<u2" if allocated == 16 else "u1").tobytes())
    with open(output, "wb") as file:
        file.write(b"".join(frames))


if len(sys.argv) > 1:
    decode(*sys.argv[1:])
else:
    for line in sys.stdin:
        try:
            decode(*json.loads(line))
            print("done", flush=True)
        except Exception as error:
            print(repr(error), flush=True)
