using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>Real transformers reads what we write of each family; run by hand, see eng/check-transformers.py.</summary>
public class TransformersCompatibilityTests(ITestOutputHelper output)
{
    private const string PythonVariable = "MINIMIND_TRANSFORMERS_PYTHON", MiniMindVariable = "MINIMIND_REPOSITORY";

    private static readonly ModelConfig s_miniMind = new()
    {
        VocabularySize = 1100, HiddenSize = 64, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, IntermediateSize = 96, MaxPositions = 4096,
    };
    private static readonly Dictionary<string, ModelConfig> s_miniMinds = new()
    {
        ["MiniMind-3"] = s_miniMind,
        ["MiniMind-3-MoE"] = s_miniMind with { Experts = new ExpertsConfig { IntermediateSize = 64 } },
        ["MiniMind-3-longer-context"] = s_miniMind with { HeadDim = 32, RopeScaling = new YarnScaling() },
    };

    [SkippableFact]
    public void SavedFolders_ReadByRealTransformers_HaveTheSameLogits()
    {
        string? python = Environment.GetEnvironmentVariable(PythonVariable), miniMind = Environment.GetEnvironmentVariable(MiniMindVariable);
        Skip.If(string.IsNullOrEmpty(python), $"needs a Python with torch and transformers; name it in {PythonVariable}");
        using TemporaryFolder folder = new();
        List<string> saved = [];
        foreach (FamilyCase family in FamilyCases.All.Where(family => family != FamilyCases.MiniMind2Moe)) // no type of transformers has its experts
        {
            using FamilyCheckpoint checkpoint = new(family);
            using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
            saved.Add(Save(model, folder.File(family.Name.Replace(' ', '-'))));
        }
        foreach ((string name, ModelConfig config) in s_miniMinds)
        {
            using PretrainedModel model = SmallModel.Create(seed: 4, config: config);
            Spread.Weights(model);
            saved.Add(Save(model, folder.File(name)));
            File.WriteAllText(Path.Combine(saved[^1], "minimind"), "");
        }

        string[] repository = string.IsNullOrEmpty(miniMind) ? [] : ["--minimind", miniMind];
        ProcessStartInfo start = new(python!, [Path.Combine(TestFiles.RepositoryRoot, "eng", "check-transformers.py"), .. repository, .. saved])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output.WriteLine(process.StandardOutput.ReadToEnd());
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "transformers must compute the same; it said: {0}", errors.Result);
    }

    private static string Save(PretrainedModel model, string folder)
    {
        int[] ids = [1, 700, 33, 5, 9, 1023, 17, 256, 300, 301, 302, 2, 44, 45, 46, 47, 48, 49, 50, 51];
        model.SaveModel(folder);
        File.WriteAllText(Path.Combine(folder, "ids.json"), JsonSerializer.Serialize(ids));
        File.WriteAllBytes(Path.Combine(folder, "logits.f32"), MemoryMarshal.AsBytes(OurAnswer.Logits(model, ids).AsSpan()).ToArray());
        Dictionary<string, int[]> texts = MixedTexts.Make(100, 5, "<|im_start|>", "<|im_end|>").Distinct()
            .ToDictionary(text => text, text => model.Tokenizer.Encode(text, addSpecialTokens: false));
        File.WriteAllText(Path.Combine(folder, "texts.json"), JsonSerializer.Serialize(texts));
        return folder;
    }
}
