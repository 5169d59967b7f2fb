"""Decodes the JPEG 2000 or HTJ2K frames of a file with OpenJPEG in Pillow and writes the stored bits, little endian.

usage: pillow-pixels.py FILE OUTPUT
"""
import io
import sys

import numpy
import pydicom
from PIL import Image
from pydicom.encaps import generate_pixel_data_frame

source, output = sys.argv[1:]
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
