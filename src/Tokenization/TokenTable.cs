using MiniMind.MLNet.Dpo.Tokenization.Decoding;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>All tokens of a tokenizer by id: the merges' vocabulary and the added tokens of both files.</summary>
internal sealed class TokenTable
{
    private readonly byte[]?[] _bytes;
    private readonly string?[] _texts;
    private readonly Dictionary<string, AddedToken> _added = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _addedById;
    private readonly IReadOnlyDictionary<string, int> _vocabulary;
    private readonly DecoderPlan _decoder;
    private long _decodedBytes;

    /// <summary>Puts the tokens together as the reference does: tokenizer_config.json can add tokens and change how they are found.</summary>
    /// <exception cref="InvalidDataException">The two files contradict each other.</exception>
    public TokenTable(TokenizerDefinition definition, TokenizerConfig config)
    {
        _vocabulary = definition.Model.Vocabulary;
        _decoder = definition.Decoder;
        foreach (AddedToken token in definition.AddedTokens)
            _added[token.Content] = token;
        int next = _vocabulary.Count + definition.AddedTokens.Count(token => !_vocabulary.ContainsKey(token.Content));
        foreach (AddedToken token in config.AddedTokens)
        {
            int id = IdOf(token.Content) ?? next++;
            if (id != token.Id)
            {
                throw new InvalidDataException(
                    $"tokenizer_config.json: added_tokens_decoder.{token.Id} is '{token.Content}', whose id is {id} by tokenizer.json.");
            }

            _added[token.Content] = token;
        }
        foreach (string content in config.SpecialTokens)
        {
            if (content.Length == 0)
                throw new InvalidDataException("tokenizer_config.json: a special token is the empty string.");
            _added[content] = _added.TryGetValue(content, out AddedToken? token)
                ? token with { Special = true }
                : new AddedToken(IdOf(content) ?? next++, content, SingleWord: false, LeftStrip: false, RightStrip: false, Normalized: false, Special: true);
        }
        _addedById = [];
        foreach (AddedToken token in _added.Values)
        {
            if (!_addedById.TryAdd(token.Id, token))
                throw Twice(token.Id, token.Content, _addedById[token.Id].Content);
        }

        _bytes = new byte[Math.Max(_vocabulary.Values.Max(), _addedById.Keys.DefaultIfEmpty(-1).Max()) + 1][];
        _texts = new string[_bytes.Length];
        foreach ((string content, int id) in _vocabulary)
        {
            if (_addedById.TryGetValue(id, out AddedToken? added) && added.Content != content)
                throw Twice(id, content, added.Content);
            Set(id, content);
        }
        foreach (AddedToken token in _added.Values)
            Set(token.Id, token.Content);
    }

    /// <summary>The highest id and one.</summary>
    public int Size => _bytes.Length;

    /// <summary>All added tokens.</summary>
    public IReadOnlyCollection<AddedToken> Added => _added.Values;

    /// <summary>The id of a token's text, or <see langword="null"/>.</summary>
    public int? IdOf(string? content) =>
        content is null ? null
        : _added.TryGetValue(content, out AddedToken? token) ? token.Id
        : _vocabulary.TryGetValue(content, out int id) ? id : null;

    /// <summary>Whether the id is a special token's.</summary>
    public bool IsSpecial(int id) => _addedById.TryGetValue(id, out AddedToken? token) && token.Special;

    /// <summary>Whether the id is an added token's.</summary>
    public bool IsAdded(int id) => _addedById.ContainsKey(id);

    /// <summary>The bytes that an id decodes to; none for an id that no token has.</summary>
    public ReadOnlySpan<byte> BytesOf(int id) => (uint)id < (uint)_bytes.Length ? _bytes[id] : null;

    /// <summary>The bytes that an id decodes to at the beginning of a text.</summary>
    public ReadOnlySpan<byte> FirstBytesOf(int id) => _decoder.TellsFirst && !BytesOf(id).IsEmpty ? _decoder.BytesOf(TextOf(id), isFirst: true) : BytesOf(id);

    /// <summary>A token as tokenizer.json writes it; empty for an id that no token has.</summary>
    public string TextOf(int id) => (uint)id < (uint)_texts.Length ? _texts[id] ?? "" : "";

    private void Set(int id, string content)
    {
        _texts[id] = content;
        byte[] bytes = _decoder.BytesOf(content, isFirst: false);
        _bytes[id] = bytes;
        _decodedBytes += bytes.Length;
        if (_decodedBytes > TokenizerLimits.DecodedBytes)
        {
            throw new InvalidDataException(
                $"tokenizer.json: the decoder makes more than {TokenizerLimits.DecodedBytes} bytes of all tokens; no more are taken.");
        }
    }

    private static InvalidDataException Twice(int id, string one, string other) =>
        new($"tokenizer.json: the id {id} belongs to '{one}' and to '{other}'; every token needs its own.");
}
