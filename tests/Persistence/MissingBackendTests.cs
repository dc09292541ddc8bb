using System.Diagnostics;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Tests.Weights;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>Apps without a package of libtorch learn from the first model that they load what to type.</summary>
public sealed class MissingBackendTests : IDisposable
{
    private const string Program = "MiniMind.MLNet.Dpo.LoadProbe.dll";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("--model")]
    [InlineData("--saved")]
    public void FirstCall_AppWithoutBackend_SaysWhatToType(string what)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "other platforms' natives may lie beside the app");
        string tests = Path.GetDirectoryName(typeof(MissingBackendTests).Assembly.Location)!, app = Directory.CreateDirectory(_folder.File("app")).FullName;
        foreach (string file in Directory.EnumerateFiles(tests, "*.dll"))
            File.Copy(file, Path.Combine(app, Path.GetFileName(file)));
        // that of the tests, whose folder leaves out what ASP.NET brings
        File.Copy(Path.Combine(tests, "MiniMind.MLNet.Dpo.Tests.runtimeconfig.json"),
            Path.Combine(app, "MiniMind.MLNet.Dpo.LoadProbe.runtimeconfig.json"));
        string model = what == "--saved" ? Saved() : SmallModel.TokenizerFolder;

        (int exit, string output) = Run(["exec", Path.Combine(app, Program), what, model]);

        exit.Should().Be(1, "{0}", output);
        output.Should().StartWith("The app has no libtorch, on which models run. Type in its project's folder: dotnet add package libtorch-cpu-")
            .And.NotContain("strace");
        Directory.Exists(Path.Combine(app, "cpu")).Should().BeFalse("TorchSharp's own search, which copies packages beside the app, is not reached");
    }

    [SkippableFact]
    public void FirstCall_OfTorchSharpAfterATypeOfTheLibrary_FindsLibtorchOnOldSystemsToo()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "only Linux needs the hook");
        string tests = typeof(MissingBackendTests).Assembly.Location;

        (int exit, string output) = Run(
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(AppContext.BaseDirectory, Program), "--torch",
        ]);

        (exit, output).Should().Be((0, ""));
    }

    private string Saved()
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = SmallModel.Create();
        IDataView pairs = SmallModel.Pairs(context, 4);
        using DpoTransformer trained = new DpoTrainer(context, new() { Model = model }).Fit(pairs);
        context.Model.Save(trained, pairs.Schema, _folder.File("saved.zip"));
        return _folder.File("saved.zip");
    }

    private static (int Exit, string Output) Run(string[] arguments)
    {
        ProcessStartInfo start = new(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment.Remove("MINIMIND_TORCH_HOME");
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
