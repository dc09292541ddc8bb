namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What is served, and where.</summary>
internal sealed record ServeSettings
{
    /// <summary>The models, each as NAME=PATH, or as a path alone whose model has a name of its own; what a path may be is told by 'dpo chat --help'.</summary>
    public IReadOnlyList<string> Model { get; init; } = [];

    /// <summary>Adapters, each as NAME=FOLDER, or NAME@MODEL=FOLDER where there are several models; base and adapters share the base's weights.</summary>
    public IReadOnlyList<string> Adapter { get; init; } = [];

    /// <summary>The folder with tokenizer.json of a checkpoint that lies elsewhere.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The address to listen at; one that other machines reach needs a key or allow-anyone.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The port to listen at; 0 takes a free one.</summary>
    public int Port { get; init; } = AspNetCore.ChatServerOptions.UsualPort;

    /// <summary>Addresses to listen at in place of host and port, as http://127.0.0.1:8998.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>Web pages that may ask from a browser, as https://example.com.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Names by which this server may be called, as llm.example.com; all by default.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];
}
