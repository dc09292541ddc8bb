using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using MiniMind.MLNet.Dpo.Tokenization;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>
/// Real transformers reads what we write of each family, and we read what it writes; run by hand, see eng/check-transformers.py and
/// eng/make-transformers-models.py.
/// </summary>
public class TransformersCompatibilityTests(ITestOutputHelper output)
{
    private const string PythonVariable = "MINIMIND_TRANSFORMERS_PYTHON", MiniMindVariable = "MINIMIND_REPOSITORY";

    private static readonly ModelConfig s_longerContext = new()
    {
        VocabularySize = 1100, HiddenSize = 64, LayerCount = 2, HeadCount = 4, KeyValueHeadCount = 2, HeadDim = 32, IntermediateSize = 96, MaxPositions = 4096,
        RopeScaling = new YarnScaling(),
    };

    [SkippableFact]
    public void SavedFolders_ReadByRealTransformers_HaveTheSameLogits()
    {
        string? python = Environment.GetEnvironmentVariable(PythonVariable), miniMind = Environment.GetEnvironmentVariable(MiniMindVariable);
        Skip.If(string.IsNullOrEmpty(python), $"needs a Python with torch and transformers; name it in {PythonVariable}");
        using TemporaryFolder folder = new();
        List<string> saved = [];
        foreach (FamilyCase family in FamilyCases.OfTransformers)
        {
            using FamilyCheckpoint checkpoint = new(family);
            if (family.Name == FamilyCases.Qwen2.Name)
                CutAsQwen2(Path.Combine(checkpoint.Path, "tokenizer.json")); // which transformers does with every model of this type
            using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
            saved.Add(Save(model, folder.File(family.Name.Replace(' ', '-'))));
            if (family.Name.StartsWith("MiniMind3", StringComparison.Ordinal))
                File.WriteAllText(Path.Combine(saved[^1], "minimind"), ""); // for its own class, too
        }
        using (PretrainedModel model = SmallModel.Create(seed: 4, config: s_longerContext))
        {
            Spread.Weights(model);
            saved.Add(Save(model, folder.File("MiniMind3-longer-context")));
            File.WriteAllText(Path.Combine(saved[^1], "minimind"), "");
        }

        string[] repository = string.IsNullOrEmpty(miniMind) ? [] : ["--minimind", miniMind];
        Run(python!, "check-transformers.py", [.. repository, .. saved]);
    }

    [SkippableFact]
    public void FoldersOfRealTransformers_LoadedHere_HaveTheSameLogits()
    {
        string? python = Environment.GetEnvironmentVariable(PythonVariable);
        Skip.If(string.IsNullOrEmpty(python), $"needs a Python with torch and transformers; name it in {PythonVariable}");
        using TemporaryFolder folder = new();
        Run(python!, "make-transformers-models.py", [folder.Path]);

        string[] written = [.. Directory.GetDirectories(folder.Path).Order()];
        written.Should().HaveCountGreaterThan(10);
        foreach (string path in written)
        {
            foreach (string file in (string[])["tokenizer.json", "tokenizer_config.json"])
                File.Copy(Path.Combine(SmallModel.TokenizerFolder, file), Path.Combine(path, file));
            using PretrainedModel model = PretrainedModel.Load(path);
            int[] ids = JsonSerializer.Deserialize<int[]>(File.ReadAllBytes(Path.Combine(path, "ids.json")))!;
            float[] theirs = MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(Path.Combine(path, "logits.f32"))).ToArray();
            float[] ours = OurAnswer.Logits(model, ids);
            ours.Should().HaveCount(theirs.Length);
            double difference = ours.Zip(theirs, (a, b) => Math.Abs((double)a - b)).Max();
            output.WriteLine($"{Path.GetFileName(path)}: logits up to {theirs.Max(Math.Abs):F1}, off by at most {difference:E2}");
            difference.Should().BeLessThan(1e-4, path);
        }
    }

    private void Run(string python, string script, string[] arguments)
    {
        ProcessStartInfo start = new(python, [Path.Combine(TestFiles.RepositoryRoot, "eng", script), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output.WriteLine(process.StandardOutput.ReadToEnd());
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "transformers must compute the same; it said: {0}", errors.Result);
    }

    private static void CutAsQwen2(string file)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllBytes(file))!.AsObject();
        json["normalizer"] = new JsonObject { ["type"] = "NFC" };
        JsonObject split = new()
        {
            ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = KnownSplitPatterns.Qwen2 }, ["behavior"] = "Isolated", ["invert"] = false,
        };
        JsonObject bytes = new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = false };
        json["pre_tokenizer"] = new JsonObject { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(split, bytes) };
        File.WriteAllBytes(file, Encoding.UTF8.GetBytes(json.ToJsonString()));
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
