namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The pickle opcodes that a state dict needs; every other one is refused.</summary>
/// <remarks>Names as in CPython's Lib/pickletools.py.</remarks>
internal enum PickleOpcode : byte
{
    /// <summary>Marks the start of a group.</summary>
    Mark = (byte)'(',

    /// <summary>The end.</summary>
    Stop = (byte)'.',

    /// <summary>A 4-byte signed number.</summary>
    BinInt = (byte)'J',

    /// <summary>A 1-byte number.</summary>
    BinInt1 = (byte)'K',

    /// <summary>A 2-byte number.</summary>
    BinInt2 = (byte)'M',

    /// <summary>A number of up to 255 bytes.</summary>
    Long1 = 0x8a,

    /// <summary>An 8-byte big-endian double.</summary>
    BinFloat = (byte)'G',

    /// <summary>None.</summary>
    None = (byte)'N',

    /// <summary>True.</summary>
    NewTrue = 0x88,

    /// <summary>False.</summary>
    NewFalse = 0x89,

    /// <summary>Text with a 4-byte length.</summary>
    BinUnicode = (byte)'X',

    /// <summary>Text with a 1-byte length.</summary>
    ShortBinUnicode = 0x8c,

    /// <summary>Text with an 8-byte length.</summary>
    BinUnicode8 = 0x8d,

    /// <summary>An empty dict.</summary>
    EmptyDict = (byte)'}',

    /// <summary>Puts a key and a value into a dict.</summary>
    SetItem = (byte)'s',

    /// <summary>Puts a group of keys and values into a dict.</summary>
    SetItems = (byte)'u',

    /// <summary>An empty list.</summary>
    EmptyList = (byte)']',

    /// <summary>Appends to a list.</summary>
    Append = (byte)'a',

    /// <summary>Appends a group to a list.</summary>
    Appends = (byte)'e',

    /// <summary>An empty tuple.</summary>
    EmptyTuple = (byte)')',

    /// <summary>A tuple of a group.</summary>
    Tuple = (byte)'t',

    /// <summary>A tuple of one.</summary>
    Tuple1 = 0x85,

    /// <summary>A tuple of two.</summary>
    Tuple2 = 0x86,

    /// <summary>A tuple of three.</summary>
    Tuple3 = 0x87,

    /// <summary>Remembers the top under a 1-byte number.</summary>
    BinPut = (byte)'q',

    /// <summary>Remembers the top under a 4-byte number.</summary>
    LongBinPut = (byte)'r',

    /// <summary>Remembers the top under the next number.</summary>
    Memoize = 0x94,

    /// <summary>Recalls by a 1-byte number.</summary>
    BinGet = (byte)'h',

    /// <summary>Recalls by a 4-byte number.</summary>
    LongBinGet = (byte)'j',

    /// <summary>A name in a module, as two lines.</summary>
    Global = (byte)'c',

    /// <summary>A name in a module, from the stack.</summary>
    StackGlobal = 0x93,

    /// <summary>An object outside the pickle, by its id on the stack.</summary>
    BinPersId = (byte)'Q',

    /// <summary>A call.</summary>
    Reduce = (byte)'R',

    /// <summary>Attributes for an object.</summary>
    Build = (byte)'b',

    /// <summary>The protocol's number.</summary>
    Proto = 0x80,

    /// <summary>The length of a frame.</summary>
    Frame = 0x95,
}
