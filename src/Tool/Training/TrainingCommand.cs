using System.CommandLine;
using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using MiniMind.MLNet.Dpo.Tool.Commands;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>A command that trains: options, data and model in, a run's folder out. The same command again goes on from the run's checkpoint.</summary>
/// <typeparam name="TOptions">The trainer's options.</typeparam>
internal abstract class TrainingCommand<TOptions> : ConfiguredCommand
    where TOptions : TrainingOptions
{
    private static readonly string[] s_checkpoints = [KeyNames.Of(nameof(TrainingOptions.Checkpoints)), KeyNames.Of(nameof(CheckpointOptions.Folder))];
    private static readonly string[] s_records = [KeyNames.Of(nameof(TrainingOptions.RunDirectory)), KeyNames.Of(nameof(RunDirectoryOptions.Folder))];

    private const string ReportFile = "report.html";

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "data", "held-out", "test-fraction", "output", "save", "tokenizer", "base-model", "learning-rate", "epochs", "batch-size",
        "accumulation-steps", "preparation.max-length", "adapter.rank", "seed", "threads", "device", "precision",
    ];

    /// <summary>The data of files.</summary>
    protected abstract IDataView Load(MLContext context, IReadOnlyList<string> paths, ConfigValues values);

    /// <summary>What makes training rows of the data.</summary>
    protected abstract IEstimator<ITransformer> Preparation(MLContext context, PretrainedModel model, ConfigValues values);

    /// <summary>The tokens that a row keeps.</summary>
    protected abstract int MaxLength(ConfigValues values);

    /// <summary>The data in two parts that share no prompt.</summary>
    protected abstract DataOperationsCatalog.TrainTestData Split(MLContext context, IDataView data, double fraction, ConfigValues values);

    /// <summary>Where another model lies that is the reference; <see langword="null"/> for none.</summary>
    protected virtual string? ReferencePath(ConfigValues values) => values.Get<ReferenceSettings>().ReferenceModel;

    /// <summary>The options with a reference that was loaded.</summary>
    protected virtual TOptions WithReference(TOptions options, PretrainedModel reference) => throw new NotSupportedException("This trainer has no reference.");

    /// <summary>Trains.</summary>
    protected abstract TrainedModel Fit(MLContext context, TOptions options, IDataView prepared);

    /// <summary>Measures the held-out rows with what was trained, and keeps what it gives each.</summary>
    protected abstract void Measure(MLContext context, TrainedModel trained, IDataView heldOut, TOptions options, RunFolder folder, ToolConsole console);

    /// <inheritdoc />
    protected override ConfigMap Completed(ConfigMap given)
    {
        if (given["output"] is not ConfigScalar { IsNull: false } output)
            return given;
        RunFolder folder = new(output.Text);
        ConfigMap completed = WithDefault(WithDefault(given, s_checkpoints, folder.Checkpoints), s_records, folder.Path);
        bool measures = completed["held-out"] is not null || completed["test-fraction"] is not null;
        string validation = KeyNames.Of(nameof(TrainingOptions.Validation));
        return measures && completed[validation] is null ? completed.With([validation], new ConfigMap([], default)) : completed;
    }

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        RunFolder folder = new(values.Get<OutputSettings>().Output
            ?? throw new ArgumentException("--output FOLDER says where the run is kept; none is named."));
        MLContext context = new(values.Get<TOptions>().Seed);
        IProgressView view = console.IsJson ? new JsonProgress(console) : console.IsLive ? new LiveProgress(console) : new PlainProgress(console);
        WarningLog.Listen(context, view.Warn);
        using TrainingInput<TOptions> input = Open(context, values);
        console.TakesStops = true;
        RunLog log = new(console, () =>
        {
            Directory.CreateDirectory(folder.Path);
            RunFolder.Replace(folder.Config, FileText(values));
        });
        TOptions options = input.Options with { Progress = view, CancellationToken = stop, Logger = log, Forecast = new FirstForecast(view) };
        console.Line($"run in {folder.Path}");
        console.Event("run", new JsonObject { ["folder"] = folder.Path, ["parameters"] = input.Model.ParameterCount });
        TrainedModel? trained = null;
        try
        {
            view.During(() => trained = Fit(context, options, input.Prepared));
        }
        catch (InvalidOperationException refused) when (!log.HasBegun)
        {
            // such as the checkpoint of another run: nothing was trained, and nothing written
            throw new ArgumentException(refused.Message, refused);
        }
        catch (OperationCanceledException stopped) when (stop.IsCancellationRequested)
        {
            bool isKept = options.Checkpoints is { } kept && Directory.Exists(kept.Folder) && Directory.EnumerateDirectories(kept.Folder, "step-*").Any();
            string keeping = isKept ? $"It is kept in {options.Checkpoints!.Folder}: the same command goes on from there."
                : options.Checkpoints is null ? "Nothing is kept, since 'checkpoints' is null." : "There was nothing to keep yet.";
            console.Error($"{stopped.Message} {keeping}");
            return Task.FromResult(ExitCodes.Stopped);
        }
        using (trained)
            return Task.FromResult(Finish(context, trained!, input, options, values, folder, console));
    }

    /// <summary>Loads what training needs.</summary>
    /// <exception cref="ArgumentException">Something is missing, or contradicts itself.</exception>
    protected TrainingInput<TOptions> Open(MLContext context, ConfigValues values)
    {
        values.Get<HeldOutSettings>().Validate();
        ModelInput model = ModelInput.Open(context, values.Get<ModelSettings>(), values.Get<ModelLoadOptions>());
        ModelInput? reference = null;
        try
        {
            reference = Reference(context, values);
            (IDataView rows, IDataView? measured) = Data(context, values);
            ITransformer preparation = Preparation(context, model.Model, values).Fit(rows);
            TOptions options = values.Get<TOptions>() with { Model = model.Model, MaxLength = MaxLength(values), ConsoleWarnings = false };
            if (reference is not null)
                options = WithReference(options, reference.Model);
            IDataView? heldOut = measured is null ? null : preparation.Transform(measured);
            SetHeldOut(options, heldOut);
            return new TrainingInput<TOptions>(model, reference, rows, preparation, heldOut, options);
        }
        catch
        {
            reference?.Dispose();
            model.Dispose();
            throw;
        }
    }

    private int Finish(MLContext context, TrainedModel trained, TrainingInput<TOptions> input, TOptions options, ConfigValues values, RunFolder folder,
        ToolConsole console)
    {
        TrainingSummary summary = trained.Summary;
        console.Line($"{Words.Count(summary.Steps, "step")} over {Words.Count(summary.Examples, "row")} in {Words.Time(summary.Elapsed)}"
            + (summary.StopReason is { } reason ? $"; ended early: {reason}" : ""));
        foreach (SavedForm form in values.Get<OutputSettings>().Save.Distinct())
        {
            string path = trained.Save(form, folder, () => context.Model.SaveAtomically(
                new TransformerChain<ITransformer>(input.Preparation, trained.Transformer), input.Rows.Schema, folder.Zip));
            console.Line($"saved {path}");
        }
        if (input.HeldOut is not null)
            Measure(context, trained, input.HeldOut, options, folder, console);
        if (options.RunDirectory is { } records && records.Files.HasFlag(RunFiles.Report))
            console.Line($"report {Path.Combine(records.Folder, ReportFile)}");
        bool isStoppedByGuard = summary.Warnings.Any(warning => warning.Action == GuardAction.Stop);
        console.Event("result", new JsonObject
        {
            ["steps"] = summary.Steps, ["examples"] = summary.Examples, ["skipped"] = summary.Skipped.Count, ["seconds"] = summary.Elapsed.TotalSeconds,
            ["stop_reason"] = summary.StopReason, ["loss"] = summary.History.LastOrDefault()?.Metrics["loss"],
        });
        return isStoppedByGuard ? ExitCodes.Failed : ExitCodes.Done;
    }

    private ModelInput? Reference(MLContext context, ConfigValues values) => ReferencePath(values) is { } named
        ? ModelInput.Open(context, new ModelSettings { Model = named, Tokenizer = values.Get<ModelSettings>().Tokenizer }, values.Get<ModelLoadOptions>())
        : null;

    private (IDataView Rows, IDataView? Measured) Data(MLContext context, ConfigValues values)
    {
        IDataView rows = Load(context, values.Get<DataSettings>().Required, values);
        HeldOutSettings heldOut = values.Get<HeldOutSettings>();
        if (heldOut.TestFraction == 0)
            return (rows, heldOut.HeldOut.Count == 0 ? null : Load(context, heldOut.HeldOut, values));
        DataOperationsCatalog.TrainTestData sides = Split(context, rows, heldOut.TestFraction, values);
        return (sides.TrainSet, sides.TestSet);
    }

    private static void SetHeldOut(TOptions options, IDataView? prepared)
    {
        if (options.Validation is null)
            return;
        PropertyInfo data = typeof(ValidationOptions).GetProperty(nameof(ValidationOptions.Data))!;
        data.SetValue(options.Validation, prepared
            ?? throw new ArgumentException("'validation' is set, but nothing is held out: give 'held-out' or 'test-fraction'."));
    }

    private static ConfigMap WithDefault(ConfigMap given, string[] path, string value) =>
        given[path[0]] is null || (given[path[0]] is ConfigMap && given.At(path) is null)
            ? given.With(path, new ConfigScalar(value, false, new ConfigPlace("--output"))) : given;
}
