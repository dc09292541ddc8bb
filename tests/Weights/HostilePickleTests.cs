using MiniMind.MLNet.Dpo.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

public class HostilePickleTests
{
    private static readonly Dictionary<string, (Func<byte[]> Pickle, string Expected)> s_cases = new()
    {
        ["empty"] = (() => [], "offset 0: 1 bytes are needed"),
        ["protocol 0"] = (() => "(dp0\n."u8.ToArray(), "does not begin with a protocol number"),
        ["protocol 9"] = (() => [0x80, 9, (byte)'}', (byte)'.'], "protocol 9"),
        ["no end"] = (() => PickleBytes.Dict().Unfinished(), "1 bytes are needed at offset 3"),
        ["something after the end"] = (() => [.. PickleBytes.Tensor(), 1, 2], "2 bytes follow"),
        ["nothing on the stack"] = (() => new PickleBytes().Raw(0x80, 2).Stop(), "ends with 0 objects"),
        ["two objects"] = (() => PickleBytes.Dict().Op(PickleOpcode.EmptyDict).Stop(), "ends with 2 objects"),
        ["open group"] = (() => PickleBytes.Dict().Op(PickleOpcode.Mark).Stop(), "1 open groups"),
        ["os.system"] = (() => PickleBytes.Dict().Global("os", "system").Text("touch x").Op(PickleOpcode.Tuple1).Op(PickleOpcode.Reduce).Stop(),
            "offset 3: the file asks for 'os.system'"),
        ["eval by stack"] = (() => PickleBytes.Dict().Text("builtins").Text("eval").Op(PickleOpcode.StackGlobal).Stop(), "'builtins.eval'"),
        ["getattr"] = (() => PickleBytes.Dict().Global("builtins", "getattr").Stop(), "'builtins.getattr'"),
        ["name with a dot"] = (() => PickleBytes.Dict().Global("torch", "_utils._rebuild_tensor_v3").Stop(), "_rebuild_tensor_v3"),
        ["numpy scalar"] = (() => PickleBytes.Dict().Global("numpy.core.multiarray", "scalar").Stop(), "numpy.core.multiarray.scalar"),
        ["stack name without texts"] = (() => PickleBytes.Dict().Number(1).Number(2).Op(PickleOpcode.StackGlobal).Stop(), "module's and a name's text"),
        ["name without end"] = (() => PickleBytes.Dict().Op(PickleOpcode.Global).Raw(new byte[5000]).Stop(), "does not end within 256 bytes"),
        ["instance"] = (() => PickleBytes.Dict().Raw([.. "(ios\nsystem\n"u8]).Stop(), "opcode 0x69 ('i')"),
        ["object"] = (() => PickleBytes.Dict().Op(PickleOpcode.Mark).Raw((byte)'o').Stop(), "opcode 0x6f ('o')"),
        ["new object"] = (() => PickleBytes.Dict().Op(PickleOpcode.EmptyTuple).Raw(0x81).Stop(), "opcode 0x81"),
        ["extension"] = (() => PickleBytes.Dict().Raw(0x82, 1).Stop(), "opcode 0x82"),
        ["text protocol's opcode"] = (() => PickleBytes.Dict().Raw([.. "I1\n"u8]).Stop(), "opcode 0x49 ('I')"),
        ["call of a dict"] = (() => PickleBytes.Dict().Op(PickleOpcode.EmptyTuple).Op(PickleOpcode.Reduce).Stop(), "a call of a dict"),
        ["call of a storage"] = (() => PickleBytes.Dict().Global("torch", "FloatStorage").Tuple(5).Op(PickleOpcode.Reduce).Stop(),
            "torch.FloatStorage is called with arguments"),
        ["call without a tuple"] = (() => PickleBytes.Dict().Global("collections", "OrderedDict").Op(PickleOpcode.EmptyList).Op(PickleOpcode.Reduce).Stop(),
            "a call of"),
        ["tensor of nothing"] = (() => PickleBytes.Dict().Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.EmptyTuple).Op(PickleOpcode.Reduce)
            .Stop(), "arguments that no tensor has"),
        ["tensor with hooks"] = (() => PickleBytes.Dict().Text("w").Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark).Storage().Number(0)
            .Tuple(1).Tuple(1)
            .Op(PickleOpcode.NewFalse).Op(PickleOpcode.EmptyDict).Text("hook").Number(1).Op(PickleOpcode.SetItem).Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce)
                .Op(PickleOpcode.SetItem).Stop(), "arguments that no tensor has"),
        ["attributes of a tensor"] = (() => PickleBytes.Dict().TensorValue().Op(PickleOpcode.EmptyDict).Op(PickleOpcode.Build).Stop(),
            "attributes are set on a tensor"),
        ["memo skips"] = (() => PickleBytes.Dict().Op(PickleOpcode.LongBinPut).Raw(0xff, 0xff, 0xff, 0xff).Stop(), "memo number 4294967295 skips"),
        ["memo never set"] = (() => PickleBytes.Dict().Op(PickleOpcode.BinGet).Raw(7).Stop(), "memo number 7 was never set"),
        ["empty stack"] = (() => new PickleBytes().Raw(0x80, 2).Op(PickleOpcode.Reduce).Stop(), "the stack is empty"),
        ["group's floor"] = (() => PickleBytes.Dict().Text("a").Op(PickleOpcode.Mark).Op(PickleOpcode.SetItem).Stop(), "stack has fewer"),
        ["group never begun"] = (() => PickleBytes.Dict().Op(PickleOpcode.Tuple).Stop(), "never begun"),
        ["key without value"] = (() => PickleBytes.Dict().Op(PickleOpcode.Mark).Text("a").Op(PickleOpcode.SetItems).Stop(), "a key without a value"),
        ["key that is a dict"] = (() => PickleBytes.Dict().Op(PickleOpcode.EmptyDict).Number(1).Op(PickleOpcode.SetItem).Stop(), "a dict key is a dict"),
        ["items of a number"] = (() => PickleBytes.Dict().Number(1).Text("a").Number(2).Op(PickleOpcode.SetItem).Stop(), "which is no dict"),
        ["appended to a dict"] = (() => PickleBytes.Dict().Number(1).Op(PickleOpcode.Append).Stop(), "which is no list"),
        ["text of 2 GB"] = (() => PickleBytes.Dict().Raw((byte)'X', 0xff, 0xff, 0xff, 0x7f).Stop(), "a text of 2147483647 bytes"),
        ["text of 2^63"] = (() => PickleBytes.Dict().Raw(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80).Stop(), "a text of 9223372036854775808 bytes"),
        ["text that is not UTF-8"] = (() => PickleBytes.Dict().Raw(0x8c, 2, 0xff, 0xfe).Stop(), "not UTF-8"),
        ["number cut short"] = (() => PickleBytes.Dict().Op(PickleOpcode.Long1).Raw(200, 1).Unfinished(), "200 bytes are needed"),
        ["16 MB of lists"] = (() => Flood(PickleOpcode.EmptyList), "more than 500000 objects"),
        ["16 MB of groups"] = (() => Flood(PickleOpcode.Mark), "more than 500000 objects"),
        ["16 MB of memo entries"] = (() => Flood(PickleOpcode.Memoize), "more than 1000000 operations"),
        ["16 MB of tuples"] = (() => Flood(PickleOpcode.Tuple1), "more than 1000000 operations"),
        ["list instead of a dict"] = (() => new PickleBytes().Raw(0x80, 2).Op(PickleOpcode.EmptyList).Stop(), "holds a list"),
        ["tensor instead of a dict"] = (() => new PickleBytes().Raw(0x80, 2).TensorValue().Stop(), "holds a tensor"),
        ["dict that holds itself"] = (() => PickleBytes.Dict().Op(PickleOpcode.Memoize).Text("model").Op(PickleOpcode.BinGet).Raw(0).Op(PickleOpcode.SetItem)
            .Stop(), "entry 'model' is a dict"),
        ["number among the tensors"] = (() => PickleBytes.Dict().Text("w").Number(3).Op(PickleOpcode.SetItem).Stop(), "entry 'w' is an int"),
        ["tensor under a number"] = (() => PickleBytes.Dict().Number(3).TensorValue().Op(PickleOpcode.SetItem).Stop(), "entry '3' is a tensor"),
        ["tensor twice"] = (() => PickleBytes.Dict().Text("w").TensorValue().Op(PickleOpcode.SetItem).Text("w").TensorValue().Op(PickleOpcode.SetItem).Stop(),
            "'w' is there twice"),
        ["model twice"] = (() => PickleBytes.Dict().Text("model").Op(PickleOpcode.EmptyDict).Op(PickleOpcode.SetItem).Text("model").Op(PickleOpcode.EmptyDict)
            .Op(PickleOpcode.SetItem).Stop(), "'model' is there twice"),
        ["storage id that is text"] = (() => PickleBytes.Dict().Text("0").Op(PickleOpcode.BinPersId).Stop(), "is not ('storage', type, key, location, count)"),
        ["storage key that is a path"] = (() => PickleBytes.Tensor(key: "../../x"), "'../../x' is not a number"),
        ["missing storage"] = (() => PickleBytes.Tensor(key: "7"), "has no entry data/7"),
        ["storage longer than its entry"] = (() => PickleBytes.Tensor(numel: 17), "said to have 17 elements"),
        ["storage shorter than its entry"] = (() => PickleBytes.Tensor(numel: 15), "said to have 15 elements"),
        ["storage of 2^63 - 1"] = (() => PickleBytes.Tensor(numel: long.MaxValue), "said to have 9223372036854775807 elements"),
        ["negative storage"] = (() => PickleBytes.Tensor(numel: -16), "said to have -16 elements"),
        ["quantised storage"] = (() => PickleBytes.Tensor(storage: "QInt8Storage"), "torch.QInt8Storage"),
        ["complex storage"] = (() => PickleBytes.Tensor(storage: "ComplexFloatStorage"), "torch.ComplexFloatStorage"),
        ["negative offset"] = (() => PickleBytes.Tensor(offset: -1), "offset -1 is negative"),
        ["offset past the storage"] = (() => PickleBytes.Tensor(offset: 13), "reaches beyond the 16 elements"),
        ["offset of 2^63 - 1"] = (() => PickleBytes.Tensor(offset: long.MaxValue), "reaches beyond the 16 elements"),
        ["offset of an empty tensor past the storage"] = (() => PickleBytes.Tensor(offset: 17, shape: [0], strides: [1]), "reaches beyond the 16 elements"),
        ["negative size"] = (() => PickleBytes.Tensor(shape: [-2, 2]), "size -2 is negative"),
        ["negative stride"] = (() => PickleBytes.Tensor(strides: [-2, 1]), "stride -2 is negative"),
        ["shape and strides of different length"] = (() => PickleBytes.Tensor(strides: [1]), "2 sizes but 1 strides"),
        ["size of 2^63 - 1"] = (() => PickleBytes.Tensor(shape: [long.MaxValue, 2], strides: [1, 1]), "2^60"),
        ["2^62 elements over one"] = (() => PickleBytes.Tensor(shape: [1L << 31, 1L << 31], strides: [0, 0]), "2^60"),
        ["strides that overflow"] = (() => PickleBytes.Tensor(shape: [3, 3], strides: [long.MaxValue, long.MaxValue]), "reaches beyond"),
        ["shape of texts"] = (() => PickleBytes.Dict().Text("w").Global("torch._utils", "_rebuild_tensor_v2").Op(PickleOpcode.Mark).Storage().Number(0)
            .Text("a").Op(PickleOpcode.Tuple1).Tuple(1)
            .Op(PickleOpcode.NewFalse).Op(PickleOpcode.None).Op(PickleOpcode.Tuple).Op(PickleOpcode.Reduce).Op(PickleOpcode.SetItem).Stop(), "whole numbers"),
        ["100 dimensions"] = (() => PickleBytes.Tensor(shape: [.. Enumerable.Repeat(1L, 100)], strides: [.. Enumerable.Repeat(1L, 100)]), "at most 64"),
    };

    public static TheoryData<string> Names => [.. s_cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Open_HostilePickle_IsRefused(string name)
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("a.pth", ZipBytes.Checkpoint(s_cases[name].Pickle()));

        Refusal.Assert<WeightFileException>(() => WeightFile.Open(path).Dispose(), path, s_cases[name].Expected);
    }

    [Theory]
    [InlineData(new long[] { 2, 2 }, new long[] { 2, 1 }, 12L)]
    [InlineData(new long[] { 4, 4 }, new long[] { 1, 4 }, 0L)]
    [InlineData(new long[] { 1000 }, new long[] { 0 }, 15L)]
    [InlineData(new long[] { 0, 5 }, new long[] { 5, 1 }, 16L)]
    [InlineData(new long[0], new long[0], 15L)]
    public void Open_ViewInsideItsStorage_IsRead(long[] shape, long[] strides, long offset)
    {
        using TemporaryFolder folder = new();
        using IWeightSource source = WeightFile.Open(folder.Write(
            "a.pth", ZipBytes.Checkpoint(PickleBytes.Tensor(offset: offset, shape: shape, strides: strides))));

        source.Tensors["w"].Shape.Should().Equal(shape);
    }

    private static byte[] Flood(PickleOpcode opcode)
    {
        byte[] flood = new byte[PickleReader.MaxBytes - 10];
        Array.Fill(flood, (byte)opcode);
        return PickleBytes.Dict().Raw(flood).Stop();
    }
}
