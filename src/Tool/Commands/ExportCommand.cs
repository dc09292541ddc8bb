using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo export</c>: a model as a file that other programs read.</summary>
internal sealed class ExportCommand : ConfiguredCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(ModelSettings)), new(typeof(ExportSettings)), new(typeof(GgufOptions), "gguf"), new(typeof(OnnxOptions), "onnx"),
        new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("export", "Writes a model for other programs: a folder, GGUF, ONNX, a checkpoint, an adapter.");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "format", "output", "type", "precision", "layout", "tokenizer", "base-model", "gguf.name", "gguf.write-modelfile",
        "onnx.write-gen-ai-config",
    ];

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        ExportSettings settings = values.Get<ExportSettings>();
        string path = settings.Output ?? throw new ArgumentException("--output PATH says where; none is named.");
        string format = KeyNames.Of(settings.Format.ToString());
        RefuseIdle(settings, format, values);
        using ModelInput input = ModelInput.Open(new MLContext(), values.Get<ModelSettings>(), values.Get<ModelLoadOptions>());
        bool isAdapter = settings.Format is ExportFormat.Adapter or ExportFormat.GgufAdapter or ExportFormat.MiniMindAdapter;
        if (isAdapter && !input.Model.HasAdapter)
            throw new ArgumentException($"'{values.Get<ModelSettings>().Model}' has no adapter to write as '{format}'.");
        Write(input.Model, path, settings, values);
        console.Line($"wrote {path} ({format})");
        console.Event("exported", new JsonObject { ["path"] = path, ["format"] = format, ["parameters"] = input.Model.ParameterCount });
        return Task.FromResult(ExitCodes.Done);
    }

    private static void Write(PretrainedModel model, string path, ExportSettings settings, ConfigValues values)
    {
        // what is not said is the method's own default
        switch (settings.Format, settings.Precision)
        {
            case (ExportFormat.Folder, { } precision):
                model.SaveModel(path, precision, settings.Layout);
                break;
            case (ExportFormat.Folder, null):
                model.SaveModel(path, layout: settings.Layout);
                break;
            case (ExportFormat.Checkpoint, { } precision):
                model.SaveCheckpoint(path, precision);
                break;
            case (ExportFormat.Checkpoint, null):
                model.SaveCheckpoint(path);
                break;
            case (ExportFormat.Onnx, { } precision):
                model.SaveOnnx(path, precision, values.Get<OnnxOptions>());
                break;
            case (ExportFormat.Onnx, null):
                model.SaveOnnx(path, options: values.Get<OnnxOptions>());
                break;
            case (ExportFormat.Adapter, { } precision):
                model.SaveAdapter(path, precision);
                break;
            case (ExportFormat.Adapter, null):
                model.SaveAdapter(path);
                break;
            case (ExportFormat.MiniMindAdapter, { } precision):
                model.SaveMiniMindAdapter(path, precision);
                break;
            case (ExportFormat.MiniMindAdapter, null):
                model.SaveMiniMindAdapter(path);
                break;
            case (ExportFormat.GgufAdapter, _) when settings.Type is { } type:
                model.SaveGgufAdapter(path, type);
                break;
            case (ExportFormat.GgufAdapter, _):
                model.SaveGgufAdapter(path);
                break;
            default:
                model.SaveGguf(path, settings.Type ?? throw new ArgumentException(
                    $"--type says the number format of the GGUF file: {string.Join(", ", Scalars.Names(typeof(GgufType))!)}."), values.Get<GgufOptions>());
                break;
        }
    }

    // an option that cannot act is refused
    private static void RefuseIdle(ExportSettings settings, string format, ConfigValues values)
    {
        bool isGguf = settings.Format is ExportFormat.Gguf or ExportFormat.GgufAdapter;
        foreach ((string key, bool isIdle) in new[]
        {
            ("type", settings.Type is not null && !isGguf), ("precision", settings.Precision is not null && isGguf),
            ("layout", settings.Layout is not null && settings.Format != ExportFormat.Folder),
            ("gguf", values.Has("gguf") && settings.Format != ExportFormat.Gguf), ("onnx", values.Has("onnx") && settings.Format != ExportFormat.Onnx),
        })
        {
            if (isIdle)
                throw new ArgumentException($"'{key}' is set, but does nothing for the format '{format}'; leave it out.");
        }
    }
}
