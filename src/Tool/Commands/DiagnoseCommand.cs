using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Data;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo diagnose</c>: what may spoil pairs, before training.</summary>
internal sealed class DiagnoseCommand : ConfiguredCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(DataSettings)), new(typeof(ModelSettings)), new(typeof(HeldOutFiles)), new(typeof(PreferenceDiagnosisOptions)),
        new(typeof(PreferenceFileOptions), "reading"), new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("diagnose", "Looks at pairs for what may spoil them.");

    /// <inheritdoc />
    protected override string Leading => "data";

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "held-out", "tokenizer", "preparation.max-length", "scored-pairs", "examples", "similarity", "bias-limit", "reading.prompt",
        "reading.chosen", "reading.rejected",
    ];

    /// <inheritdoc />
    protected override Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        MLContext context = new();
        PreferenceFileOptions reading = values.Get<PreferenceFileOptions>();
        IDataView pairs = context.Preferences.LoadFromFile(values.Get<DataSettings>().Required, reading);
        IReadOnlyList<string> heldOut = values.Get<HeldOutFiles>().HeldOut;
        using ModelInput? model = values.Get<ModelSettings>().Model is null
            ? null : ModelInput.Open(context, values.Get<ModelSettings>(), values.Get<ModelLoadOptions>());
        PreferenceDiagnosis diagnosis = context.Preferences.Diagnose(
            pairs, model?.Model, heldOut.Count == 0 ? null : context.Preferences.LoadFromFile(heldOut, reading), values.Get<PreferenceDiagnosisOptions>());
        console.Line(diagnosis.ToString().TrimEnd());
        if (model is null)
            console.Line("Without --model: what is cut, and what the model prefers already, was not looked at.");
        foreach (DiagnosisFinding finding in diagnosis.Findings)
        {
            console.Event("finding", new JsonObject
            {
                ["kind"] = KeyNames.Of(finding.Kind.ToString()), ["summary"] = finding.Summary, ["count"] = finding.Count, ["share"] = finding.Share,
                ["lines"] = new JsonArray([.. finding.Lines.Select(line => (JsonNode)line)]),
                ["examples"] = new JsonArray([.. finding.Examples.Select(example => (JsonNode)example)]), ["why"] = finding.Why, ["remedy"] = finding.Remedy,
            });
        }
        console.Event("diagnosis", new JsonObject
        {
            ["pairs"] = diagnosis.Pairs, ["prompts"] = diagnosis.Prompts, ["held_out_pairs"] = diagnosis.HeldOutPairs, ["findings"] = diagnosis.Findings.Count,
        });
        return Task.FromResult(ExitCodes.Done);
    }
}
