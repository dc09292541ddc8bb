using System.Diagnostics;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;
using MiniMind.MLNet.Dpo.Training.Batches;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>Each component through <c>MLContext.Model</c>, here and in a process that does not know this library.</summary>
public sealed class SaveLoadTests
{
    public static TheoryData<string> Cases => TransformCases.Names;

    [Theory, MemberData(nameof(Cases))]
    public void Load_OfASavedModel_GivesTheSameRowsAndLeavesNoTemporaryFiles(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        using SavedModel saved = new(tested);
        MLContext other = new() { TempFilePath = saved.TempFolder };

        ITransformer loaded = other.Model.Load(saved.Path, out DataViewSchema schema);

        tested.Rows(other, loaded.Transform(saved.Data)).Should().Equal(tested.Expected(saved.Context));
        tested.Predict(other, loaded).Should().Equal(tested.Expected(saved.Context));
        (loaded as IDisposable)?.Dispose();
        schema.Select(c => (c.Name, c.Type)).Should().Equal(saved.Data.Schema.Select(c => (c.Name, c.Type)));
        Directory.EnumerateFileSystemEntries(saved.TempFolder).Should().BeEmpty();
    }

    [Theory, MemberData(nameof(Cases))]
    public void Load_OfAChainWithStockTransforms_GivesTheSameRows(string name)
    {
        TransformCase tested = TransformCases.Named(name);
        using SavedModel saved = new(tested);
        MLContext context = saved.Context;
        ITransformer chain = context.Transforms.CopyColumns("Before", "Id")
            .Append(tested.Estimator(context))
            .Append(context.Transforms.CopyColumns("After", tested.Reads.Keys.First()))
            .Fit(saved.Data);
        context.Model.Save(chain, saved.Data.Schema, saved.Path);

        ITransformer loaded = saved.Load();

        tested.Rows(context, loaded.Transform(saved.Data)).Should().Equal(tested.Expected(context));
        tested.Predict(context, loaded).Should().Equal(tested.Expected(context));
        ((IDisposable)loaded).Dispose();
    }

    [Fact]
    public void Load_InAProcessThatDoesNotKnowUs_GivesTheSameRowsAndSavesAgain()
    {
        (TransformCase Tested, SavedModel Saved)[] models = [.. TransformCases.All.Select(tested => (tested, new SavedModel(tested)))];
        try
        {
            foreach ((_, SavedModel saved) in models)
            {
                using FileStream file = File.Create(saved.PathOf("rows.idv"));
                saved.Context.Data.SaveAsBinary(saved.Data, file);
            }

            RunFreshProcess(
                [.. models.SelectMany(m => (string[])[m.Saved.Path, m.Saved.PathOf("rows.idv"), m.Saved.PathOf("scored.idv"), m.Saved.PathOf("again.zip")])])
                .Trim().Should().Be("MiniMind.MLNet.Dpo", "loading the models brings the library in");

            foreach ((TransformCase tested, SavedModel saved) in models)
            {
                IReadOnlyList<string> expected = tested.Expected(saved.Context);
                tested.Rows(saved.Context, saved.Context.Data.LoadFromBinary(saved.PathOf("scored.idv"))).Should()
                    .Equal(expected, "that is what {0} gives", tested.Name);
                ITransformer loaded = saved.Context.Model.Load(saved.PathOf("again.zip"), out _);
                tested.Rows(saved.Context, loaded.Transform(saved.Data)).Should().Equal(expected, "that is what {0} gives, saved again", tested.Name);
                WeightsOf(loaded).Should().Be(WeightsOf(saved.Transformer));
                (loaded as IDisposable)?.Dispose();
            }
        }
        finally
        {
            foreach ((_, SavedModel saved) in models)
                saved.Dispose();
        }
    }

    // A fine-tuned model adds no columns that would show them.
    private static string? WeightsOf(ITransformer transformer) => transformer is SftTransformer tuned ? Fingerprint.Named(tuned.Model.Network.Network) : null;

    // Runs under this test program's dependencies: they hold the library and its native parts, which FreshProcess itself does not refer to.
    private static string RunFreshProcess(params string[] arguments)
    {
        string tests = typeof(SaveLoadTests).Assembly.Location;
        ProcessStartInfo start = new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["OMP_NUM_THREADS"] = "1" }, // as here: the order of sums depends on the number of threads
        };
        foreach (string argument in (string[])
        [
            "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
            Path.Combine(Path.GetDirectoryName(tests)!, "FreshProcess.dll"), .. arguments,
        ])
        {
            start.ArgumentList.Add(argument);
        }
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, "it said: {0}", errors.Result);
        return output;
    }
}
