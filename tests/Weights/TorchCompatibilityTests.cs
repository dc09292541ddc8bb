using System.Diagnostics;
using MiniMind.MLNet.Dpo.Modeling;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Weights;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Tests.Weights;

/// <summary>Real torch reads what we write; run by hand, see eng/check-torch-compat.py.</summary>
public class TorchCompatibilityTests(ITestOutputHelper output)
{
    private const string PythonVariable = "MINIMIND_TORCH_PYTHON";

    [SkippableFact]
    public void SavedFiles_ReadByRealTorch_HaveTheSameBits()
    {
        string? python = Environment.GetEnvironmentVariable(PythonVariable);
        Skip.If(string.IsNullOrEmpty(python), $"needs a Python with torch; name it in {PythonVariable}");
        using TemporaryFolder folder = new();
        ModelConfig config = ConfigJson.Read(TestFiles.Golden("dpo-step", "moe", "config.json"));
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(7);
        Dictionary<string, Tensor> parameters = ParameterShapes.Of(config).ToDictionary(pair => pair.Key, pair => randn(pair.Value, generator: generator));
        foreach (WeightPrecision precision in Enum.GetValues<WeightPrecision>())
        {
            string name = $"moe_{precision}";
            List<KeyValuePair<string, Tensor>> withHead = [.. parameters, new(StateDictNames.Head, parameters[StateDictNames.Embedding])];
            ModelWriter.SaveCheckpoint(folder.File(name + ".pth"), config, parameters, precision);
            AtomicFileSet.WriteOne(folder.File(name + ".safetensors"), stream => SafetensorsWriter.Write(stream, withHead, precision));
            using AtomicFileSet files = new();
            SafetensorsShards.Write(files, Directory.CreateDirectory(folder.File(name)).FullName, withHead, precision, maxShardBytes: 200_000);
            files.Commit();
        }

        string script = Path.Combine(TestFiles.RepositoryRoot, "eng", "check-torch-compat.py");
        using Process process = Process.Start(new ProcessStartInfo(
            python!, [script, folder.Path])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        output.WriteLine(process.StandardOutput.ReadToEnd());
        process.WaitForExit();

        process.ExitCode.Should().Be(0, "torch must accept the files; it said: {0}", errors.Result);
    }
}
