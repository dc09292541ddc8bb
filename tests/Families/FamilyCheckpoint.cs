using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>A model folder of random numbers under the names that a family's files have, written without the library.</summary>
internal sealed class FamilyCheckpoint : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FamilyCheckpoint(FamilyCase family, int seed = 1, string prefix = "")
    {
        Random random = new(seed);
        Dictionary<string, float[]> numbers = [];
        foreach ((string name, int[] shape) in family.Tensors)
        {
            double size = shape.Length == 2 ? 0.12 : 0.3, centre = shape.Length == 2 || name.EndsWith("bias", StringComparison.Ordinal) ? 0 : family.NormCentre;
            float[] values = new float[shape.Aggregate(1, (product, length) => product * length)];
            for (int i = 0; i < values.Length; i++)
                values[i] = (float)(centre + size * Normal(random));
            numbers.Add(name, values);
        }
        Numbers = numbers;
        Weights = numbers.ToDictionary(pair => pair.Key, pair => pair.Value.Select(value => (double)value).ToArray());
        if (family.Config.Length > 0)
            _folder.Write("config.json", Encoding.UTF8.GetBytes(family.Config));
        _folder.Write("model.safetensors", Safetensors(family, numbers, prefix));
        foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json"])
            File.Copy(System.IO.Path.Combine(SmallModel.TokenizerFolder, file), _folder.File(file));
    }

    public string Path => _folder.Path;

    /// <summary>What the file holds.</summary>
    public IReadOnlyDictionary<string, float[]> Numbers { get; }

    /// <summary>The same in double precision; tests may change numbers here.</summary>
    public Dictionary<string, double[]> Weights { get; }

    public void Dispose() => _folder.Dispose();

    private static byte[] Safetensors(FamilyCase family, Dictionary<string, float[]> numbers, string prefix)
    {
        Dictionary<string, object> header = [];
        long offset = 0;
        foreach ((string name, int[] shape) in family.Tensors)
        {
            long end = offset + numbers[name].Length * sizeof(float);
            header.Add(prefix + name, new { dtype = "F32", shape, data_offsets = new[] { offset, end } });
            offset = end;
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        using MemoryStream file = new();
        Span<byte> length = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        file.Write(length);
        file.Write(json);
        foreach ((string name, _) in family.Tensors)
            file.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers[name].AsSpan()));
        return file.ToArray();
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
