using System.Text;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Valid files with random damage: whatever comes, the end is a valid result or the one clear error.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Mutations = 2000;

    private static readonly ModelConfig s_config = new()
    {
        VocabularySize = 8, HiddenSize = 4, LayerCount = 1, HeadCount = 2, KeyValueHeadCount = 1, IntermediateSize = 4,
        Experts = new ExpertsConfig { Count = 2, IntermediateSize = 4 },
    };

    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Tensor> _parameters = ParameterShapes.Of(s_config).ToDictionary(pair => pair.Key, pair => zeros(pair.Value));

    public void Dispose()
    {
        foreach (Tensor tensor in _parameters.Values)
            tensor.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Safetensors_Damaged_IsReadOrRefused()
    {
        SaveFolder();
        Fuzz("model.safetensors", path => ReadAll(path));
    }

    [Fact]
    public void SafetensorsIndex_Damaged_IsReadOrRefused()
    {
        ModelWriter.SaveFolder(_folder.Path, s_config, _parameters, ModelLayout.MiniMind, WeightPrecision.Float32, maxShardBytes: 400);
        Fuzz("model.safetensors.index.json", path => ReadAll(path));
    }

    [Fact]
    public void Pth_Damaged_IsReadOrRefused()
    {
        ModelWriter.SaveCheckpoint(_folder.File("a.pth"), s_config, _parameters);
        Fuzz("a.pth", path => ReadAll(path));
    }

    [Fact]
    public void PthWithViews_Damaged_IsReadOrRefused()
    {
        File.Copy(TestFiles.Golden("pth", "good", "views_torch2.14.pth"), _folder.File("a.pth"));
        Fuzz("a.pth", path => ReadAll(path));
    }

    [Fact]
    public void PickleOfPth_Damaged_IsReadOrRefused()
    {
        byte[] pickle = StateDictPickle.Write("FloatStorage", [("a", "0", [2, 4]), ("b", "0", [16]), ("c", "0", [])]);
        pickle = [.. PickleBytes.Dict().Text("model").Unfinished(), .. pickle[2..^1],
            .. PickleBytes.Dict().Text("step").Number(5).Op(PickleOpcode.SetItem).Unfinished()[2..], (byte)'s', (byte)'.'];
        Random random = new(4);
        for (int i = 0; i < Mutations; i++)
            RunOne(i, () => ReadAll(_folder.Write("a.pth", ZipBytes.Checkpoint(Mutate(pickle, random)))));
    }

    [Fact]
    public void Config_Damaged_IsReadOrRefused()
    {
        SaveFolder();
        Fuzz("config.json", path => ConfigJson.Read(path).Validate());
    }

    internal static byte[] Mutate(byte[] original, Random random)
    {
        List<byte> bytes = [.. original];
        for (int change = random.Next(1, 5); change > 0 && bytes.Count > 4; change--)
        {
            int at = random.Next(4) == 0 ? random.Next(bytes.Count) : random.Next(Math.Min(bytes.Count, 3000)),
                length = Math.Min(random.Next(1, 9), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    for (int i = 0; i < length; i++)
                        bytes[at + i] = random.Next(3) switch { 0 => 0, 1 => 0xff, _ => (byte)random.Next(256) };
                    break;
                case 2:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.ASCII.GetBytes(
                        random.Next(6) switch { 0 => "9223372036854775807", 1 => "-1", 2 => "NaN", 3 => "[[[[", 4 => "\"", _ => "{}" }));
                    break;
                default:
                    if (random.Next(10) == 0)
                        bytes.RemoveRange(at, bytes.Count - at);
                    else
                        bytes[at] = (byte)"()[]{}.,:\"0123456789RQcbtsu"[random.Next(27)];
                    break;
            }
        }
        return [.. bytes];
    }

    private static void ReadAll(string path)
    {
        using IWeightSource source = WeightFile.Open(path);
        foreach ((_, WeightView view) in FusedExperts.Split(source).Where(pair => pair.Value.ElementCount < 1_000_000))
        {
            using Tensor tensor = empty(view.Shape, view.Type);
            view.CopyTo(tensor);
        }
    }

    private static void RunOne(int mutation, Action action)
    {
        switch (Refusal.Measured(action))
        {
            case null:
                break;
            case Exception refused and (WeightFileException or ModelConfigException):
                refused.Message.Should().Contain(": ");
                break;
            case var other:
                throw new InvalidOperationException($"mutation {mutation} ended in {other.GetType().Name}", other);
        }
    }

    private void Fuzz(string name, Action<string> read)
    {
        byte[] valid = File.ReadAllBytes(_folder.File(name));
        read(_folder.File(name));
        Random random = new(2026);
        for (int i = 0; i < Mutations; i++)
            RunOne(i, () => read(_folder.Write(name, Mutate(valid, random))));
    }

    private void SaveFolder() => ModelWriter.SaveFolder(_folder.Path, s_config, _parameters, ModelLayout.MiniMind, WeightPrecision.Float32);
}
