using System.Buffers.Binary;
using System.Text;
using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Builds pickles, right or wrong.</summary>
internal sealed class PickleBytes
{
    private readonly List<byte> _bytes = [];

    /// <summary>A pickle that begins with protocol 2 and an empty dict.</summary>
    public static PickleBytes Dict() => new PickleBytes().Raw(0x80, 2, (byte)'}');

    /// <summary>The pickle of a dict with one tensor <c>w</c> of float storage 0.</summary>
    public static byte[] Tensor(long numel = 16, long offset = 0, long[]? shape = null, long[]? strides = null, string key = "0",
        string storage = "FloatStorage") =>
        Dict().Text("w").TensorValue(numel, offset, shape, strides, key, storage).Op(PickleOpcode.SetItem).Stop();

    public PickleBytes TensorValue(long numel = 16, long offset = 0, long[]? shape = null, long[]? strides = null, string key = "0",
        string storage = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark).Storage(numel, key, storage)
            .Number(offset).Tuple(shape ?? [2, 2]).Tuple(strides ?? [2, 1]).Op(PickleOpcode.NewFalse)
            .Global("collections", "OrderedDict").Op(PickleOpcode.EmptyTuple).Op(PickleOpcode.Reduce).Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce);

    public PickleBytes Storage(long numel = 16, string key = "0", string storage = "FloatStorage") =>
        Op(PickleOpcode.Mark).Text("storage").Global("torch", storage).Text(key).Text("cpu").Number(numel).Op(PickleOpcode.Tuple).Op(PickleOpcode.BinPersId);

    public PickleBytes Global(string module, string name) => Op(PickleOpcode.Global).Raw(Encoding.UTF8.GetBytes($"{module}\n{name}\n"));

    public PickleBytes Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text), length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Op(PickleOpcode.BinUnicode).Raw(length).Raw(bytes);
    }

    public PickleBytes Number(long number)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Op(PickleOpcode.Long1).Raw(8).Raw(bytes);
    }

    public PickleBytes Tuple(params long[] numbers)
    {
        Op(PickleOpcode.Mark);
        foreach (long number in numbers)
            Number(number);
        return Op(PickleOpcode.Tuple);
    }

    public PickleBytes Op(PickleOpcode opcode) => Raw((byte)opcode);

    public PickleBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public byte[] Stop() => [.. _bytes, (byte)PickleOpcode.Stop];

    public byte[] Unfinished() => [.. _bytes];
}
