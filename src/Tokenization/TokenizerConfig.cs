using System.Globalization;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>What tokenizer_config.json says about tokens; everything else in it (the chat template, lengths) is others' business.</summary>
internal sealed record TokenizerConfig
{
    /// <summary>The file's name.</summary>
    public const string FileName = "tokenizer_config.json";

    /// <summary>The largest file that is read.</summary>
    public const int MaxFileBytes = 8 << 20;

    /// <summary>The token that begins a sequence.</summary>
    public string? BosToken { get; private init; }

    /// <summary>The token that ends a sequence.</summary>
    public string? EosToken { get; private init; }

    /// <summary>The token that fills a batch.</summary>
    public string? PadToken { get; private init; }

    /// <summary>The token for what the vocabulary lacks.</summary>
    public string? UnknownToken { get; private init; }

    /// <summary>Added tokens by id, as <c>added_tokens_decoder</c> has them.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; private init; } = [];

    /// <summary>All tokens that are special by name or by list.</summary>
    public IReadOnlyList<string> SpecialTokens { get; private init; } = [];

    /// <summary>Whether texts start with <see cref="BosToken"/>; <see langword="null"/> leaves that to the post-processor.</summary>
    public bool? AddsBosToken { get; private init; }

    /// <summary>Whether texts end with <see cref="EosToken"/>; <see langword="null"/> leaves that to the post-processor.</summary>
    public bool? AddsEosToken { get; private init; }

    /// <summary>Reads the file; an empty one says nothing.</summary>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public static TokenizerConfig Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty)
            return new TokenizerConfig();
        if (json.Length > MaxFileBytes)
            throw new InvalidDataException($"{FileName} has {json.Length} bytes; at most {MaxFileBytes} are read.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return Read(JsonSection.Of(FileName, "", document.RootElement));
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{FileName} is malformed: {failure.Message}", failure);
        }
    }

    private static TokenizerConfig Read(JsonSection file)
    {
        string?[] named = [.. ((string[])["bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token"])
            .Select(file.OptionalToken)];
        return new TokenizerConfig
        {
            BosToken = named[0],
            EosToken = named[1],
            PadToken = named[2],
            UnknownToken = named[3],
            SpecialTokens =
                [.. named.OfType<string>(), .. file.OptionalTokens("additional_special_tokens"), .. file.OptionalTokens("extra_special_tokens")],
            AddedTokens = file.OptionalSection("added_tokens_decoder") is { } decoder ? Added(file, decoder) : [],
            AddsBosToken = file.OptionalFlag("add_bos_token"),
            AddsEosToken = file.OptionalFlag("add_eos_token"),
        };
    }

    private static List<AddedToken> Added(JsonSection file, JsonSection decoder)
    {
        List<AddedToken> tokens = new();
        int characters = 0;
        foreach ((string key, JsonSection section) in decoder.Entries())
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id >= TokenizerLimits.Vocabulary)
                throw file.Error("added_tokens_decoder", $"has the key '{key}', which is no token id");
            section.AllowOnly("__type", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            AddedToken token = AddedTokenReader.One(section, id);
            AddedTokenReader.CheckTogether(section, tokens.Count, characters += token.Content.Length);
            tokens.Add(token);
        }
        tokens.Sort((one, other) => one.Id.CompareTo(other.Id));
        return tokens;
    }
}
