"""The mark in the metadata: one XMP packet, which readers of both IPTC and GB 45438 understand."""

from __future__ import annotations

from xml.sax.saxutils import escape

from galleries.labelling.label import SOURCE_TYPE, Marks

NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    # From TC260's practice guide for image metadata (2025-08-28), as quoted by several
    # implementers and as found in images of Doubao; the guide itself was not at hand: 2026-11-25.
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}
CREATOR_TOOL = "Toile"


def xmp_packet(marks: Marks) -> bytes:
    """The XMP packet of these marks. Fields without a value are left out."""
    fields = {
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
        # New in IPTC Photo Metadata 2025.1 (November 2025): plain text, both.
        "Iptc4xmpExt:AISystemUsed": marks.system,
        "Iptc4xmpExt:AISystemVersionUsed": marks.system_version,
        "photoshop:Credit": marks.credit,
        "xmp:CreatorTool": CREATOR_TOOL,
        "TC260:AIGC": marks.aigc(),
    }
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    lines = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items() if value)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {spaces}>{lines}{_description(marks)}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    ).encode()


def _description(marks: Marks) -> str:
    """The visible text again, for people who cannot see it."""
    if not marks.text:
        return ""
    text = f'<rdf:li xml:lang="x-default">{escape(marks.text)}</rdf:li>'
    return f"<dc:description><rdf:Alt>{text}</rdf:Alt></dc:description>"
