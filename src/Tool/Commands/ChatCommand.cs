using System.CommandLine;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo chat</c>: talks with a model, and shows what its reference would have said.</summary>
internal sealed class ChatCommand : ConfiguredCommand
{
    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(ModelSettings)), new(typeof(ReferenceSettings)), new(typeof(ChatSettings)),
        new(typeof(GenerationOptions), Otherwise: "unless the model's generation_config.json says otherwise"), new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("chat", "Talks with a model; /reference shows both answers.");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "reference-model", "prompt", "system-message", "tokenizer", "base-model", "temperature", "top-p", "top-k", "max-new-tokens",
        "repetition-penalty", "seed",
    ];

    /// <inheritdoc />
    protected override async Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        MLContext context = new();
        ModelSettings settings = values.Get<ModelSettings>();
        using ModelInput model = ModelInput.Open(context, settings, values.Get<ModelLoadOptions>());
        using ModelInput? reference = values.Get<ReferenceSettings>().ReferenceModel is { } named
            ? ModelInput.Open(context, new ModelSettings { Model = named, Tokenizer = settings.Tokenizer }, values.Get<ModelLoadOptions>()) : null;
        ChatSettings chat = values.Get<ChatSettings>();
        using ChatTalk talk = new(
            model.Model.AsChatClient(ConfiguredGeneration.Of(model.Model, values)),
            reference?.Model.AsChatClient(ConfiguredGeneration.Of(reference.Model, values)),
            chat.SystemMessage, console);
        console.TakesStops = true;
        if (chat.Prompt is { } prompt)
        {
            await talk.SayAsync(prompt, stop);
            if (reference is not null)
                await talk.SayAsync(ChatTalk.Both, stop);
            return ExitCodes.Done;
        }
        console.Line($"{VisibleText.OneLine(model.Model.Name)}; {ChatTalk.Commands}");
        while (!stop.IsCancellationRequested)
        {
            if (!console.IsJson)
                console.Output.Write("> ");
            if (await console.Input.ReadLineAsync(stop) is not { } line || !await talk.SayAsync(line, stop))
                break;
        }
        return stop.IsCancellationRequested ? ExitCodes.Stopped : ExitCodes.Done;
    }
}
