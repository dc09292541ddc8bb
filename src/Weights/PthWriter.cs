using System.Text;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Writes a checkpoint that <c>torch.load(path, weights_only=True)</c> reads as a dict of tensors.</summary>
internal static class PthWriter
{
    private const string Folder = "archive";

    /// <summary>Writes the checkpoint to a stream, front to back.</summary>
    /// <param name="stream">Receives the file; need not seek.</param>
    /// <param name="tensors">Names and tensors, in the order of the dict; one tensor under two names gets one storage.</param>
    /// <param name="precision">The type to write.</param>
    public static void Write(Stream stream, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, WeightPrecision precision)
    {
        ScalarType type = precision.ToScalarType();
        Dictionary<Tensor, string> keys = new(ReferenceEqualityComparer.Instance);
        foreach ((_, Tensor tensor) in tensors)
            keys.TryAdd(tensor, keys.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));

        StoredZipWriter zip = new(stream);
        AddBytes(zip, "data.pkl", StateDictPickle.Write(StorageType(precision), tensors.Select(pair => (pair.Key, keys[pair.Value], pair.Value.shape))));
        AddBytes(zip, "byteorder", "little"u8.ToArray());
        foreach ((Tensor tensor, string key) in keys)
            zip.Add($"{Folder}/data/{key}", tensor.NumberOfElements * ElementTypes.Size(type), data => tensor.WriteTo(type, data));
        AddBytes(zip, "version", Encoding.ASCII.GetBytes("3\n"));
        zip.Finish();
    }

    private static void AddBytes(StoredZipWriter zip, string name, byte[] bytes) => zip.Add($"{Folder}/{name}", bytes.Length, data => data.Write(bytes));

    private static string StorageType(WeightPrecision precision) => precision switch
    {
        WeightPrecision.Float16 => "HalfStorage",
        WeightPrecision.BFloat16 => "BFloat16Storage",
        _ => "FloatStorage",
    };
}
