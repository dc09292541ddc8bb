using System.Buffers.Binary;
using System.Text;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes the pickle of a dict of tensors as <c>torch.save</c> would: protocol 2, one storage per tensor.</summary>
internal static class StateDictPickle
{
    /// <summary>The pickle.</summary>
    /// <param name="storageType">The class of the storages, such as <c>HalfStorage</c>.</param>
    /// <param name="tensors">Name, storage key and shape of each tensor.</param>
    public static byte[] Write(string storageType, IEnumerable<(string Name, string StorageKey, long[] Shape)> tensors)
    {
        using MemoryStream output = new();
        Put(output, PickleOpcode.Proto);
        output.WriteByte(2);
        Put(output, PickleOpcode.EmptyDict);
        Put(output, PickleOpcode.Mark);
        foreach ((string name, string key, long[] shape) in tensors)
        {
            PutText(output, name);
            PutGlobal(output, "torch._utils", "_rebuild_tensor_v2");
            Put(output, PickleOpcode.Mark);

            Put(output, PickleOpcode.Mark);
            PutText(output, "storage");
            PutGlobal(output, "torch", storageType);
            PutText(output, key);
            PutText(output, "cpu");
            PutNumber(output, shape.Aggregate(1L, (product, size) => product * size));
            Put(output, PickleOpcode.Tuple);
            Put(output, PickleOpcode.BinPersId);

            PutNumber(output, 0);
            PutTuple(output, shape);
            PutTuple(output, RowMajorStrides(shape));
            Put(output, PickleOpcode.NewFalse);
            PutGlobal(output, "collections", "OrderedDict");
            Put(output, PickleOpcode.EmptyTuple);
            Put(output, PickleOpcode.Reduce);
            Put(output, PickleOpcode.Tuple);
            Put(output, PickleOpcode.Reduce);
        }
        Put(output, PickleOpcode.SetItems);
        Put(output, PickleOpcode.Stop);
        return output.ToArray();
    }

    private static long[] RowMajorStrides(long[] shape)
    {
        long[] strides = new long[shape.Length];
        long stride = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, shape[i]);
        }
        return strides;
    }

    private static void Put(MemoryStream output, PickleOpcode opcode) => output.WriteByte((byte)opcode);

    private static void PutGlobal(MemoryStream output, string module, string name)
    {
        Put(output, PickleOpcode.Global);
        output.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private static void PutText(MemoryStream output, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        Put(output, PickleOpcode.BinUnicode);
        output.Write(length);
        output.Write(bytes);
    }

    private static void PutTuple(MemoryStream output, long[] numbers)
    {
        Put(output, PickleOpcode.Mark);
        foreach (long number in numbers)
            PutNumber(output, number);
        Put(output, PickleOpcode.Tuple);
    }

    private static void PutNumber(MemoryStream output, long number)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        if (number is >= int.MinValue and <= int.MaxValue)
        {
            Put(output, PickleOpcode.BinInt);
            output.Write(bytes[..4]);
            return;
        }
        Put(output, PickleOpcode.Long1);
        output.WriteByte(8);
        output.Write(bytes);
    }
}
