"""Images are drawn, scaled, and written in several formats."""

import io

from PIL import Image, ImageDraw, ImageFont

image = Image.new("RGB", (64, 64), "white")
ImageDraw.Draw(image).rectangle((16, 16, 47, 47), fill="red")
assert image.resize((2, 2), Image.Resampling.BOX).getpixel((0, 0)) == (255, 192, 192)
for kind in ("PNG", "JPEG", "WEBP", "TIFF", "GIF"):
    file = io.BytesIO()
    image.save(file, kind)
    assert Image.open(file).convert("RGB").getpixel((32, 32))[0] > 240, kind
assert ImageFont.load_default(12).getlength("text") > 10
