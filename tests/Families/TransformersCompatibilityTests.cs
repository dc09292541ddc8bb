using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;
using MiniMind.MLNet.Dpo.Tests.Weights.Gguf;
using MiniMind.MLNet.Dpo.Weights;
using Xunit.Abstractions;

namespace MiniMind.MLNet.Dpo.Tests.Families;

/// <summary>Real transformers reads what we write of each family; run by hand, see eng/check-transformers.py.</summary>
public class TransformersCompatibilityTests(ITestOutputHelper output)
{
    private const string PythonVariable = "MINIMIND_TRANSFORMERS_PYTHON";

    [SkippableFact]
    public void SavedFolders_ReadByRealTransformers_HaveTheSameLogits()
    {
        string? python = Environment.GetEnvironmentVariable(PythonVariable);
        Skip.If(string.IsNullOrEmpty(python), $"needs a Python with torch and transformers; name it in {PythonVariable}");
        using TemporaryFolder folder = new();
        List<string> saved = [];
        foreach (FamilyCase family in FamilyCases.All.Where(family => family != FamilyCases.MiniMind2Moe)) // no type of transformers has its experts
        {
            using FamilyCheckpoint checkpoint = new(family);
            using PretrainedModel model = PretrainedModel.Load(checkpoint.Path);
            int[] ids = [1, 700, 33, 5, 9, 1099, 17, 256, 300, 301, 302, 2, 44, 45, 46, 47, 48, 49, 50, 51];
            saved.Add(folder.File(family.Name.Replace(' ', '-')));
            model.SaveModel(saved[^1], layout: ModelLayout.HuggingFace);
            File.WriteAllText(Path.Combine(saved[^1], "ids.json"), JsonSerializer.Serialize(ids));
            File.WriteAllBytes(Path.Combine(saved[^1], "logits.f32"), MemoryMarshal.AsBytes(OurAnswer.Logits(model, ids).AsSpan()).ToArray());
        }

        ProcessStartInfo start = new(python!, [Path.Combine(TestFiles.RepositoryRoot, "eng", "check-transformers.py"), .. saved])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output.WriteLine(process.StandardOutput.ReadToEnd());
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "transformers must compute the same; it said: {0}", errors.Result);
    }
}
