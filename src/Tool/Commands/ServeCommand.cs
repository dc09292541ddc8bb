using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MiniMind.MLNet.Dpo.AspNetCore;
using MiniMind.MLNet.Dpo.Tool.Configuration;
using MiniMind.MLNet.Dpo.Tool.Inputs;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary><c>dpo serve</c>: models behind OpenAI's endpoints, until it is stopped.</summary>
internal sealed class ServeCommand : ConfiguredCommand
{
    /// <summary>Where a key may stand that no list of processes shows.</summary>
    public const string KeyVariable = "DPO_API_KEY";

    private const string TogetherAlias = "--together";

    private static readonly JsonSerializerOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string[]> _keys = new("--api-key")
    {
        Description = $"a key that callers must send; may be given several times, and better by the variable {KeyVariable}, which no list of processes shows",
        HelpName = "KEY",
    };

    /// <inheritdoc />
    public override ConfigShape Shape { get; } = new(
        new(typeof(ServeSettings)), new(typeof(ChatEndpointOptions)), new(typeof(ServingOptions)),
        new(typeof(GenerationOptions), Otherwise: "unless the model's generation_config.json says otherwise"), new(typeof(DecodingOptions), "decoding"),
        new(typeof(ModelLoadOptions), "loading"));

    /// <inheritdoc />
    protected override (string Name, string Summary) About => ("serve", "Serves models to OpenAI's clients, until Ctrl-C.");

    /// <inheritdoc />
    protected override IReadOnlyList<string> Shown =>
    [
        "model", "adapter", "tokenizer", "host", "port", "urls", "most-together", "most-waiting", "max-answer-tokens", "max-request-bytes",
        "max-concurrent-requests", "request-timeout", "allow-anyone", "allowed-origins", "allowed-hosts", "decoding.weights",
    ];

    /// <inheritdoc />
    protected override IReadOnlyList<Option> Others => [_keys];

    /// <inheritdoc />
    public override Command Create(Func<ParseResult, ToolConsole> consoleOf)
    {
        Command command = base.Create(consoleOf);
        command.Options.Single(option => option.Name == "--most-together").Aliases.Add(TogetherAlias);
        return command;
    }

    /// <inheritdoc />
    protected override async Task<int> RunAsync(ParseResult parsed, ConfigValues values, ToolConsole console, CancellationToken stop)
    {
        ServeSettings settings = values.Get<ServeSettings>();
        string[] keys = [.. parsed.GetValue(_keys) ?? [], .. Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key ? (string[])[key] : []];
        ChatServerOptions options = new()
        {
            Urls = Urls(settings, values), AllowedOrigins = settings.AllowedOrigins, AllowedHosts = settings.AllowedHosts,
            Endpoints = values.Get<ChatEndpointOptions>() with { ApiKeys = keys },
        };
        options.Validate(); // before models are loaded
        using ServedModels models = ServedModels.Open(settings, values.Get<ModelLoadOptions>(),
            model => model.AsChatClient(ConfiguredGeneration.Of(model, values), values.Get<ServingOptions>(), values.Get<DecodingOptions>()));
        await using ChatServer server = await ChatServer.StartAsync(models.Clients, options, stop);
        console.TakesStops = true;
        Show(console, server, models, options.Endpoints);
        await server.RunAsync(stop);
        console.Line("Stopped.");
        return ExitCodes.Stopped;
    }

    private static IReadOnlyList<string> Urls(ServeSettings settings, ConfigValues values)
    {
        if (settings.Urls.Count == 0)
        {
            string host = settings.Host.Contains(':') && !settings.Host.StartsWith('[') ? $"[{settings.Host}]" : settings.Host;
            return [string.Create(CultureInfo.InvariantCulture, $"http://{host}:{settings.Port}")];
        }
        return !values.Has("host") && !values.Has("port") ? settings.Urls
            : throw new ArgumentException("--urls takes the place of --host and --port; give one or the other.");
    }

    private static void Show(ToolConsole console, ChatServer server, ServedModels models, ChatEndpointOptions endpoints)
    {
        string[] addresses = [.. server.Addresses.Select(address => address.ToString().TrimEnd('/') + endpoints.Prefix)];
        console.Event("serving", new JsonObject
        {
            ["addresses"] = new JsonArray([.. addresses.Select(address => (JsonNode)address)]),
            ["models"] = new JsonArray([.. models.Listed.Select(model => (JsonNode)model.Name)]),
            ["needs_key"] = endpoints.ApiKeys.Count > 0,
        });
        int width = models.Listed.Max(model => model.Name.Length);
        console.Line($"Serving at {string.Join(" and ", addresses)}");
        foreach ((string name, string about) in models.Listed)
            console.Line($"  {VisibleText.OneLine(name).PadRight(width)}  {about}");
        console.Line(endpoints.ApiKeys.Count > 0 ? "Callers must send a key." : endpoints.AllowAnyone ? "Everyone who reaches it is answered, without a key."
            : "Only callers of this machine are answered; --api-key lets others in.");
        string key = endpoints.ApiKeys.Count > 0 ? $" -H \"Authorization: Bearer ${KeyVariable}\"" : "";
        string question = JsonSerializer.Serialize(models.Listed[0].Name, s_plain).Replace("'", "'\\''", StringComparison.Ordinal);
        console.Line($$"""

            Try it:
              curl {{addresses[0]}}/chat/completions{{key}} -H 'Content-Type: application/json' \
                -d '{"model":{{question}},"messages":[{"role":"user","content":"Why is the sky blue?"}]}'

            Ctrl-C ends it.
            """);
    }
}
