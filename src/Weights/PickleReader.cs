using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads the pickle of a state dict: data only. Nothing in it can name or call code.</summary>
/// <remarks>
/// Python's pickle is a program for a stack machine that may import any module and call anything. This reader knows the opcodes of
/// <see cref="PickleOpcode"/> and leaves names, calls and storages to <see cref="TorchPickleObjects"/>, which knows a fixed list of them.
/// The limits are those of a state dict of 25,000 tensors.
/// </remarks>
internal sealed class PickleReader(byte[] data, string path, TorchPickleObjects objects)
{
    /// <summary>The longest pickle that is read.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>Operations of a pickle.</summary>
    public const int MaxOperations = 1_000_000;
    private const int MaxStack = 500_000;
    private const int MaxNameLength = 256;
    /// <summary>Bytes of a text in a pickle.</summary>
    public const int MaxTextLength = 65_536;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, true);

    private readonly List<object> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object> _memo = [];
    private int _position;
    private int _start;

    /// <summary>Reads the whole pickle.</summary>
    /// <returns>The one object that it describes.</returns>
    /// <exception cref="WeightFileException">It is damaged, too large, or holds an opcode or a name that a state dict does not need.</exception>
    public object Read()
    {
        for (int operations = 0; ; operations++)
        {
            if (operations == MaxOperations)
                throw Fail($"more than {MaxOperations} operations");
            _start = _position;
            PickleOpcode opcode = (PickleOpcode)Take(1)[0];
            if (operations == 0 && opcode != PickleOpcode.Proto)
                throw Fail("the pickle does not begin with a protocol number of 2 or more");
            if (opcode == PickleOpcode.Stop)
                return Finish();
            Execute(opcode);
            if (_stack.Count + _marks.Count > MaxStack)
                throw Fail($"more than {MaxStack} objects on the stack");
        }
    }

    /// <summary>What a value is, for messages.</summary>
    public static string Describe(object value) => value switch
    {
        PickleDictionary => "a dict",
        List<object> => "a list",
        object[] => "a tuple",
        string => "text",
        bool => "a bool",
        long or BigInteger => "an int",
        double => "a float",
        PickleGlobal global => $"the name {global.FullName}",
        StorageReference => "a storage",
        WeightView => "a tensor",
        _ => "None",
    };

    private object Finish()
    {
        if (_stack.Count != 1 || _marks.Count != 0)
            throw Fail($"the pickle ends with {_stack.Count} objects and {_marks.Count} open groups instead of one object");
        if (_position != data.Length)
            throw Fail($"{data.Length - _position} bytes follow the end of the pickle");
        return _stack[0];
    }

    private void Execute(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.Proto:
                int protocol = Take(1)[0];
                if (protocol is < 2 or > 5)
                    throw Fail($"pickle protocol {protocol}; known are 2 to 5");
                break;
            case PickleOpcode.Frame:
                Take(8);
                break;
            case PickleOpcode.Mark:
                _marks.Add(_stack.Count);
                break;
            case PickleOpcode.BinInt:
                _stack.Add((long)BinaryPrimitives.ReadInt32LittleEndian(Take(4)));
                break;
            case PickleOpcode.BinInt1:
                _stack.Add((long)Take(1)[0]);
                break;
            case PickleOpcode.BinInt2:
                _stack.Add((long)BinaryPrimitives.ReadUInt16LittleEndian(Take(2)));
                break;
            case PickleOpcode.Long1:
                BigInteger number = new(Take(Take(1)[0]));
                _stack.Add(number >= long.MinValue && number <= long.MaxValue ? (object)(long)number : number);
                break;
            case PickleOpcode.BinFloat:
                _stack.Add(BinaryPrimitives.ReadDoubleBigEndian(Take(8)));
                break;
            case PickleOpcode.None:
                _stack.Add(PickleNone.Value);
                break;
            case PickleOpcode.NewTrue or PickleOpcode.NewFalse:
                _stack.Add(opcode == PickleOpcode.NewTrue);
                break;
            case PickleOpcode.BinUnicode:
                _stack.Add(TakeText(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case PickleOpcode.ShortBinUnicode:
                _stack.Add(TakeText(Take(1)[0]));
                break;
            case PickleOpcode.BinUnicode8:
                _stack.Add(TakeText(BinaryPrimitives.ReadUInt64LittleEndian(Take(8))));
                break;
            case PickleOpcode.BinPut:
                Remember(Take(1)[0]);
                break;
            case PickleOpcode.LongBinPut:
                Remember(BinaryPrimitives.ReadUInt32LittleEndian(Take(4)));
                break;
            case PickleOpcode.Memoize:
                Remember((uint)_memo.Count);
                break;
            case PickleOpcode.BinGet:
                _stack.Add(Recall(Take(1)[0]));
                break;
            case PickleOpcode.LongBinGet:
                _stack.Add(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Take(4))));
                break;
            case PickleOpcode.Global:
                _stack.Add(objects.Name(TakeLine(), TakeLine(), _start));
                break;
            case PickleOpcode.StackGlobal:
                (string module, string name) = PopText();
                _stack.Add(objects.Name(module, name, _start));
                break;
            case PickleOpcode.BinPersId:
                _stack.Add(objects.Storage(Pop(), _start));
                break;
            case PickleOpcode.Reduce:
                object arguments = Pop();
                _stack.Add(objects.Call(Pop(), arguments, _start));
                break;
            case PickleOpcode.Build:
                object state = Pop();
                objects.CheckAttributes(Top(), state, _start);
                break;
            default:
                ExecuteCollection(opcode);
                break;
        }
    }

    private void ExecuteCollection(PickleOpcode opcode)
    {
        switch (opcode)
        {
            case PickleOpcode.EmptyDict:
                _stack.Add(new PickleDictionary());
                break;
            case PickleOpcode.EmptyList:
                _stack.Add(new List<object>());
                break;
            case PickleOpcode.EmptyTuple:
                _stack.Add(Array.Empty<object>());
                break;
            case PickleOpcode.Tuple:
                _stack.Add(PopGroup());
                break;
            case PickleOpcode.Tuple1 or PickleOpcode.Tuple2 or PickleOpcode.Tuple3:
                _stack.Add(PopMany(opcode - PickleOpcode.Tuple1 + 1));
                break;
            case PickleOpcode.SetItem:
                SetItems(PopMany(2));
                break;
            case PickleOpcode.SetItems:
                SetItems(PopGroup());
                break;
            case PickleOpcode.Append:
                AppendItems(PopMany(1));
                break;
            case PickleOpcode.Appends:
                AppendItems(PopGroup());
                break;
            default:
                throw Fail($"opcode 0x{(byte)opcode:x2}{((byte)opcode is > 32 and < 127 ? $" ('{(char)opcode}')" : "")} has no place in a state dict");
        }
    }

    private void SetItems(object[] items)
    {
        if (items.Length % 2 != 0)
            throw Fail("a key without a value");
        if (Top() is not PickleDictionary dictionary)
            throw Fail($"keys and values for {Describe(Top())}, which is no dict");
        for (int i = 0; i < items.Length; i += 2)
        {
            if (items[i] is not (string or long))
                throw Fail($"a dict key is {Describe(items[i])}; a state dict has text keys, an optimizer's also whole numbers");
            dictionary.Add(items[i], items[i + 1]);
        }
    }

    private void AppendItems(object[] items)
    {
        if (Top() is not List<object> list)
            throw Fail($"list items for {Describe(Top())}, which is no list");
        list.AddRange(items);
    }

    private void Remember(uint number)
    {
        if (number > _memo.Count)
            throw Fail($"memo number {number} skips some; the next is {_memo.Count}");
        if (number == _memo.Count)
            _memo.Add(Top());
        else
            _memo[(int)number] = Top();
    }

    private object Recall(uint number) => number < _memo.Count ? _memo[(int)number] : throw Fail($"memo number {number} was never set");

    private object Top() => _stack.Count > Floor() ? _stack[^1] : throw Fail("an object is needed, but the stack is empty");

    private object Pop()
    {
        object top = Top();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    private (string Module, string Name) PopText() =>
        PopMany(2) is [string module, string name] ? (module, name) : throw Fail("a module's and a name's text are needed on the stack");

    private object[] PopGroup()
    {
        if (_marks.Count == 0)
            throw Fail("a group ends that was never begun");
        int start = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return PopFrom(start);
    }

    private object[] PopMany(int count) =>
        _stack.Count - Floor() >= count ? PopFrom(_stack.Count - count) : throw Fail($"{count} objects are needed, but the stack has fewer");

    private object[] PopFrom(int start)
    {
        object[] items = new object[_stack.Count - start];
        _stack.CopyTo(start, items, 0, items.Length);
        _stack.RemoveRange(start, items.Length);
        return items;
    }

    private int Floor() => _marks.Count == 0 ? 0 : _marks[^1];

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > data.Length - _position)
            throw Fail($"{count} bytes are needed at offset {_position}, but {data.Length - _position} remain");
        ReadOnlySpan<byte> bytes = data.AsSpan(_position, count);
        _position += count;
        return bytes;
    }

    private string TakeText(ulong length)
    {
        if (length > MaxTextLength)
            throw Fail($"a text of {length} bytes; at most {MaxTextLength} are allowed");
        try
        {
            return s_strictUtf8.GetString(Take((int)length));
        }
        catch (DecoderFallbackException)
        {
            throw Fail("a text is not UTF-8");
        }
    }

    private string TakeLine()
    {
        int length = data.AsSpan(_position, Math.Min(MaxNameLength, data.Length - _position)).IndexOf((byte)'\n');
        if (length < 0)
            throw Fail($"a name does not end within {MaxNameLength} bytes");
        string line = Encoding.Latin1.GetString(Take(length));
        Take(1);
        return line;
    }

    private WeightFileException Fail(string what) => new(path, $"data.pkl, offset {_start}", what);
}
