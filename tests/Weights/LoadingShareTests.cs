using System.Text;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>
/// A whole model, with its configuration, tokenizer and the check of its logits, takes its weights in the precision that they are kept in, and a tenth at
/// most.
/// </summary>
[Collection(nameof(LoadingMemoryCollection))]
public class LoadingShareTests(ITestOutputHelper output)
{
    private const long MegaByte = 1 << 20;

    private static readonly ModelConfig s_config = new()
    {
        ModelType = "qwen2", VocabularySize = 4096, HiddenSize = 1024, LayerCount = 6, HeadCount = 16, KeyValueHeadCount = 4, IntermediateSize = 4096,
        MaxPositions = 4096, QkNorm = false, QkvBias = true,
    };

    [SkippableTheory]
    [InlineData("BF16")]
    [InlineData("F16")]
    public void Load_HalfPrecisionModel_TakesItsWeightsAndATenthAtMost(string type)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "reads the peak of resident memory from /proc/self/status");
        using TemporaryFolder folder = new();
        Write(folder, type);
        PretrainedModel.Load(SmallModel.TokenizerFolder).Dispose(); // the runtime's own first uses

        long before = ResidentMemory.ResetPeak();
        using PretrainedModel model = PretrainedModel.Load(folder.Path);
        long growth = ResidentMemory.Peak() - before;

        long weights = model.ParameterCount * sizeof(float);
        output.WriteLine($"{type}: file {new FileInfo(folder.File("model.safetensors")).Length / MegaByte} MB,"
            + $" weights {weights / MegaByte} MB, growth {growth / MegaByte} MB");
        weights.Should().BeGreaterThan(300 * MegaByte, "a tenth of little would be hidden by noise");
        growth.Should().BeLessThan(weights + (weights / 10), "the file is read in small pieces, straight into the weights");
        growth.Should().BeGreaterThan(weights / 2, "otherwise nothing was measured");
    }

    // The data is a hole in the file: zeros that cost no time to write.
    private static void Write(TemporaryFolder folder, string type)
    {
        long offset = 0;
        List<string> entries = [];
        foreach ((string name, long[] shape) in ParameterShapes.Of(s_config))
        {
            long end = offset + (shape.Aggregate(2L, (product, size) => product * size));
            entries.Add($"\"{name}\":{{\"dtype\":\"{type}\",\"shape\":[{string.Join(',', shape)}],\"data_offsets\":[{offset},{end}]}}");
            offset = end;
        }
        string path = folder.Write("model.safetensors", SafetensorsFile.Create("{" + string.Join(',', entries) + "}", 0));
        using (FileStream stream = File.OpenWrite(path))
            stream.SetLength(stream.Length + offset);
        using MemoryStream config = new();
        ConfigJsonWriter.Write(config, s_config, ModelLayout.HuggingFace, WeightPrecision.BFloat16);
        folder.Write("config.json", config.ToArray());
        foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json"])
            folder.Write(file, Encoding.UTF8.GetBytes(File.ReadAllText(Path.Combine(SmallModel.TokenizerFolder, file))));
    }
}
