using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The names, calls and storages that a checkpoint of tensors needs: a fixed list, each done here by hand.</summary>
/// <param name="source">The archive.</param>
/// <param name="storages">Finds the archive's entry of a storage key.</param>
internal sealed class TorchPickleObjects(ByteSource source, Func<string, ZipEntry?> storages)
{
    private const int MaxDimensions = 64;
    private const string OrderedDict = "collections.OrderedDict";
    private const string RebuildTensor = "torch._utils._rebuild_tensor_v2";
    private const string RebuildParameter = "torch._utils._rebuild_parameter";

    private static readonly Dictionary<string, ScalarType> s_storageTypes = new()
    {
        ["torch.FloatStorage"] = ScalarType.Float32,
        ["torch.HalfStorage"] = ScalarType.Float16,
        ["torch.BFloat16Storage"] = ScalarType.BFloat16,
        ["torch.DoubleStorage"] = ScalarType.Float64,
        ["torch.LongStorage"] = ScalarType.Int64,
        ["torch.IntStorage"] = ScalarType.Int32,
        ["torch.ShortStorage"] = ScalarType.Int16,
        ["torch.CharStorage"] = ScalarType.Int8,
        ["torch.ByteStorage"] = ScalarType.Byte,
        ["torch.BoolStorage"] = ScalarType.Bool,
    };

    private static readonly Dictionary<string, PickleGlobal> s_allowed =
        s_storageTypes.Keys.Concat([OrderedDict, RebuildTensor, RebuildParameter]).ToDictionary(name => name, name => new PickleGlobal(name));

    /// <summary>The name of a module's member, if it is one of the list.</summary>
    public PickleGlobal Name(string module, string name, int offset) =>
        s_allowed.TryGetValue($"{module}.{name}", out PickleGlobal? global) && !module.Contains(' ') ? global
            : throw Fail(offset, $"the file asks for '{module}.{name}'; nothing but tensors, dicts, lists, texts and numbers is read, and nothing was executed."
                + " If the file is trusted, save its state dict alone: torch.save(model.state_dict(), path)");

    /// <summary>The storage of a persistent id <c>('storage', type, key, location, count)</c>.</summary>
    public StorageReference Storage(object id, int offset)
    {
        if (id is not object[] parts || parts is not ["storage", PickleGlobal global, string key, string, long count]
            || !s_storageTypes.TryGetValue(global.FullName, out ScalarType type))
        {
            throw Fail(offset, "the id of a storage is not ('storage', type, key, location, count)");
        }

        if (key.Length is 0 or > 20 || !key.All(char.IsAsciiDigit))
            throw Fail(offset, $"storage key '{key}' is not a number");
        ZipEntry entry = storages(key) ?? throw Fail(offset, $"storage '{key}' has no entry data/{key} in the archive");
        if (count < 0 || count != entry.Length / ElementTypes.Size(type) || entry.Length % ElementTypes.Size(type) != 0)
            throw Fail(offset, $"storage '{key}' is said to have {count} elements of {type}, but its entry has {entry.Length} bytes");
        return new StorageReference(entry, type, count);
    }

    /// <summary>The result of a call, if it is one of the list.</summary>
    public object Call(object function, object arguments, int offset)
    {
        if (function is not PickleGlobal { FullName: string name } || arguments is not object[] values)
            throw Fail(offset, $"a call of {PickleReader.Describe(function)}; only the rebuilding of tensors is known");
        return (name, values) switch
        {
            (OrderedDict, []) => new PickleDictionary(),
            (RebuildTensor, [StorageReference storage, long first, object[] shape, object[] strides, bool, PickleDictionary { Items.Count: 0 } or PickleNone])
                => Tensor(storage, first, shape, strides, offset),
            (RebuildParameter, [WeightView tensor, bool, PickleDictionary { Items.Count: 0 } or PickleNone]) => tensor,
            _ => throw Fail(offset, $"{name} is called with arguments that no tensor has: ({string.Join(", ", values.Take(8).Select(PickleReader.Describe))})"),
        };
    }

    /// <summary>Checks attributes that are set on an object: torch sets <c>_metadata</c> on the OrderedDict of a module, which is not needed.</summary>
    public void CheckAttributes(object target, object state, int offset)
    {
        if (target is not PickleDictionary || state is not PickleDictionary)
            throw Fail(offset, $"attributes are set on {PickleReader.Describe(target)}; only an OrderedDict may have some");
    }

    private WeightView Tensor(StorageReference storage, long first, object[] shape, object[] strides, int offset)
    {
        if (shape.Length > MaxDimensions || !shape.All(size => size is long) || !strides.All(stride => stride is long))
            throw Fail(offset, $"a tensor's shape and strides must be at most {MaxDimensions} whole numbers each");
        return WeightView.TryCreate(
                source, storage.Entry.Offset, storage.Count, storage.Type, first, [.. shape.Cast<long>()], [.. strides.Cast<long>()], out string fault)
            ?? throw Fail(offset, $"a tensor of storage '{storage.Entry.Name}': {fault}");
    }

    private WeightFileException Fail(int offset, string what) => source.Fail($"data.pkl, offset {offset}", what);
}
