"""Tables of labelled images."""


def table_seeds(random):
    yield "good-splits", b"a.png,cat,train\nb.png,dog,train\nc.png,cat,val\nd.png,dog,test"
    yield "good-without-splits", b"a.png,10\nb.png,9\n\nc.png,10\n"
    yield "good-heading", b"\xef\xbb\xbfSplit, age ,LABEL,Path\r\ntrain,5,\"a \"\"b\"\", c\",x.png\r\n" \
        b"val, \"6\r\n7\" ,\"d\",\"y,z.png\" \r\n"
    yield "good-heading-alone", b"path,label\n"
    yield "good-nothing", b""
    yield "good-many-classes", b"".join(b"%d.png,%d\n" % (i, i) for i in range(64))
    yield "bad-too-many-classes", b"".join(b"%d.png,%d\n" % (i, i) for i in range(65))
    yield "bad-long-class", b"a.png," + b"x" * 96
    yield "bad-class-bytes", b"a.png,\xff\x1b[2J\n"
    yield "bad-heading", b"path,class\na.png,cat\n"
    yield "bad-two-columns-of-a-name", b"path,label,PATH\n"
    yield "bad-semicolons", b"a.png;cat\n"
    yield "bad-fields", b"a.png,cat\nb.png,dog,train\n"
    yield "bad-split", b"a.png,cat,trian\n"
    yield "bad-no-label", b"a.png,\n"
    yield "bad-no-path", b"\"\",cat\n"
    yield "bad-open-quote", b"a.png,\"cat\nb.png,dog\n"
    yield "bad-open-quote-doubled", b"a.png,\"cat\"\""
    yield "bad-after-quote", b"a.png,\"cat\"s\n"
    yield "bad-zero-byte", b"a.png,c\0t\n"
    yield "bad-columns", b"," * 70
