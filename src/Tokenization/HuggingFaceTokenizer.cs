using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;
using MiniMind.MLNet.Dpo.Tokenization.Decoding;
using MiniMind.MLNet.Dpo.Tokenization.Models;
using MiniMind.MLNet.Dpo.Tokenization.Sources;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A tokenizer as Hugging Face's <c>tokenizer.json</c> describes it; its ids are the reference's.</summary>
/// <remarks>
/// <para>Supported: byte-level BPE, as GPT-2, Qwen, Llama 3 and MiniMind have it, for which Microsoft.ML.Tokenizers' <see cref="BpeTokenizer"/> does the
/// merges; BPE over characters with byte fallback, as Llama 2, Mistral and Gemma have it; Unigram. Added tokens, normalization, pre-tokenization and decoding
/// follow the reference here. Whatever else a tokenizer.json asks for is refused with its key and value.</para>
/// <para>Thread-safe. Lone surrogates in a text count as U+FFFD. It is a <see cref="Tokenizer"/> too, for code that takes one.</para>
/// </remarks>
public sealed class HuggingFaceTokenizer : Tokenizer
{
    private const int UsualBytesPerToken = 4;
    private readonly OffsetTrimming _trimming;
    private readonly TokenTable _tokens;
    private readonly IWordModel _words;
    private readonly EncodingPipeline _pipeline;

    private HuggingFaceTokenizer(ReadOnlyMemory<byte> tokenizerJson, ReadOnlyMemory<byte> tokenizerConfigJson, IReadOnlyList<string> notes)
    {
        TokenizerJson = tokenizerJson;
        TokenizerConfigJson = tokenizerConfigJson;
        TokenizerDefinition definition = TokenizerJsonReader.Read(tokenizerJson);
        TokenizerConfig config = TokenizerConfig.Read(tokenizerConfigJson);
        _trimming = definition.Trimming;
        _tokens = new TokenTable(definition, config);
        _words = WordModels.Of(definition.Model, definition.Words.IsByteLevel);
        DecoderPlan = definition.Decoder;
        Notes = [.. notes, .. definition.Notes];
        _pipeline = new EncodingPipeline(definition, _tokens.Added, SequenceFrame.For(definition.Frame, config, _tokens));
        BosToken = config.BosToken;
        EosToken = config.EosToken;
        PadToken = config.PadToken;
        UnknownToken = config.UnknownToken ?? definition.Model.UnknownToken;
    }

    /// <summary>The highest id and one: a model for this tokenizer needs at least so many embeddings.</summary>
    public int VocabularySize => _tokens.Size;

    /// <summary>The token that begins a sequence, where tokenizer_config.json names one.</summary>
    public string? BosToken { get; }

    /// <summary>The token that ends a sequence, where tokenizer_config.json names one.</summary>
    public string? EosToken { get; }

    /// <summary>The token that fills a batch, where tokenizer_config.json names one.</summary>
    public string? PadToken { get; }

    /// <summary>The token for what the vocabulary lacks, where one of the files names it.</summary>
    public string? UnknownToken { get; }

    /// <summary>The id of <see cref="BosToken"/>.</summary>
    public int? BosTokenId => _tokens.IdOf(BosToken);

    /// <summary>The id of <see cref="EosToken"/>.</summary>
    public int? EosTokenId => _tokens.IdOf(EosToken);

    /// <summary>The id of <see cref="PadToken"/>.</summary>
    public int? PadTokenId => _tokens.IdOf(PadToken);

    /// <summary>The id of <see cref="UnknownToken"/>.</summary>
    public int? UnknownTokenId => _tokens.IdOf(UnknownToken);

    /// <summary>What the files say and is not used, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>The bytes of tokenizer.json, as they were read, or as they were made of other files.</summary>
    public ReadOnlyMemory<byte> TokenizerJson { get; }

    /// <summary>The bytes of tokenizer_config.json, as they were read; empty where there was none, but made for a tokenizer.model that came without.</summary>
    public ReadOnlyMemory<byte> TokenizerConfigJson { get; }

    /// <summary>Loads the tokenizer of a model folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is malformed or asks for something that is not supported; the message names file, key and
    /// value.</exception>
    public static HuggingFaceTokenizer Load(string folder) => Load(folder, null);

    /// <summary>Loads the tokenizer of a model folder.</summary>
    /// <remarks>
    /// That is <c>tokenizer.json</c>; where there is none, <c>tokenizer.model</c>, or <c>vocab.json</c> with <c>merges.txt</c>, are taken over into one, which
    /// <see cref="TokenizerJson"/> then has. <c>tokenizer_config.json</c> is read beside any of them.
    /// </remarks>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Whether the files may be links out of the folder; <see langword="null"/> for the defaults.</param>
    /// <exception cref="FileNotFoundException">The folder has no tokenizer.</exception>
    /// <exception cref="InvalidDataException">A file is malformed or asks for something that is not supported, is no regular file, or a link out of the
    /// folder.</exception>
    public static HuggingFaceTokenizer Load(string folder, ModelLoadOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        TokenizerSource source = TokenizerFolder.Read(folder, options);
        try
        {
            return new HuggingFaceTokenizer(source.TokenizerJson, source.TokenizerConfigJson, source.Notes);
        }
        catch (InvalidDataException failure) when (source.Files is not null)
        {
            throw new InvalidDataException($"{source.Files}, taken over into a tokenizer.json: {failure.Message}", failure);
        }
    }

    /// <summary>Makes the tokenizer that the bytes of the two files describe.</summary>
    /// <param name="tokenizerJson">The bytes of tokenizer.json; they must not change afterwards.</param>
    /// <param name="tokenizerConfigJson">The bytes of tokenizer_config.json, or nothing; they must not change afterwards.</param>
    /// <exception cref="InvalidDataException">A file is malformed or asks for something that is not supported; the message names file, key and
    /// value.</exception>
    public static HuggingFaceTokenizer Parse(ReadOnlyMemory<byte> tokenizerJson, ReadOnlyMemory<byte> tokenizerConfigJson = default) =>
        new(tokenizerJson, tokenizerConfigJson, []);

    /// <summary>Encodes a text; added tokens that it spells out become their ids, special ones too.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether the tokens that the tokenizer puts around a text, such as a first bos token, are put there.</param>
    public int[] Encode(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<int> ids = new(text.Length / 2);
        EncodeTo(text, ids, addSpecialTokens);
        return [.. ids];
    }

    /// <summary>Encodes a text into tokens and the parts of the text that they stand for.</summary>
    /// <param name="text">The text.</param>
    /// <param name="addSpecialTokens">Whether the tokens that the tokenizer puts around a text are put there; their part of the text is empty.</param>
    /// <returns>Tokens in order. Parts are in UTF-16 positions, and white space at their ends is left out where tokenizer.json's post-processor asks for it.
    /// Where normalization changed the text, all tokens of a changed character sequence have the whole sequence.</returns>
    public IReadOnlyList<TokenSpan> EncodeWithSpans(string text, bool addSpecialTokens = true)
    {
        ArgumentNullException.ThrowIfNull(text);
        List<TokenSpan> spans = new(text.Length / 2);
        _pipeline.Encode(text, new TokenSink(_words, [], spans, new EncodingBudget(text.Length)), addSpecialTokens);
        SpanTrimming.Apply(_trimming, spans, _tokens, text);
        return spans;
    }

    /// <summary>Adds a text's ids to a list.</summary>
    internal void EncodeTo(ReadOnlySpan<char> text, List<int> ids, bool addSpecialTokens = true) =>
        _pipeline.Encode(text, new TokenSink(_words, ids, spans: null, new EncodingBudget(text.Length)), addSpecialTokens);

    /// <summary>Encodes a rendered conversation, in which characters that are literal (see <see cref="LiteralText"/>) make no added token.</summary>
    /// <param name="rendered">The text with its marks; nothing is put around it, for the chat template has written every special token that belongs
    /// there.</param>
    /// <exception cref="InvalidDataException">The merges make a control token of text that spells it.</exception>
    internal int[] EncodeRendered(string rendered)
    {
        if (!LiteralText.IsMarked(rendered))
            return Encode(rendered, addSpecialTokens: false);
        LiteralText literal = LiteralText.Read(rendered);
        int[] places = [.. literal.Literals];
        List<TokenSpan> spans = new(literal.Text.Length / 2);
        _pipeline.Encode(literal.Text, new TokenSink(_words, [], spans, new EncodingBudget(literal.Text.Length)), frames: false,
            literals: new LiteralCharacters(places));
        int[] ids = new int[spans.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            TokenSpan span = spans[i];
            ids[i] = span.Id;
            if (IsAdded(span.Id) && (span.Length > 1 || IsSpecial(span.Id)) && new LiteralCharacters(places).AnyIn(span.Start, span.Start + span.Length))
            {
                throw new InvalidDataException(
                    $"a content spells the control token '{_tokens.TextOf(span.Id)}', and this tokenizer's merges make that token of plain text too; " +
                    $"mend the row, or set ControlTokens to {nameof(ControlTokenPolicy)}.{nameof(ControlTokenPolicy.AsTokens)} if it is meant as the token");
            }
        }
        return ids;
    }

    /// <summary>Decodes ids to text; bytes that are no UTF-8 become U+FFFD, and ids that no token has are left out, as in the reference.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        if (!DecoderPlan.IsPlain)
            return DecodeInOrder(ids, skipSpecialTokens);
        ArrayBufferWriter<byte> bytes = new(UsualBytesPerToken * ids.Length + 1);
        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            if (!skipSpecialTokens || !IsSpecial(id))
                bytes.Write(TokenBytes(id));
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>Where what a token stands for depends on where it stands.</summary>
    private string DecodeInOrder(ReadOnlySpan<int> ids, bool skipSpecialTokens)
    {
        IncrementalDecoder decoder = new(this, skipSpecialTokens);
        StringBuilder text = new(UsualBytesPerToken * ids.Length);
        foreach (int id in ids)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(id, nameof(ids));
            text.Append(decoder.Append(id));
        }
        return text.Append(decoder.Flush()).ToString();
    }

    /// <summary>Whether an id is that of a special token, which decoding can skip.</summary>
    /// <param name="id">The id.</param>
    public bool IsSpecial(int id) => _tokens.IsSpecial(id);

    /// <summary>The bytes that a token decodes to: a special token's are its text in UTF-8, others' may be part of a character.</summary>
    /// <param name="id">The token's id; one that no token has gives no bytes.</param>
    public ReadOnlySpan<byte> TokenBytes(int id) => _tokens.BytesOf(id);

    /// <summary>The bytes that a token decodes to where it is the first of a text.</summary>
    internal ReadOnlySpan<byte> FirstTokenBytes(int id) => _tokens.FirstBytesOf(id);

    /// <summary>How tokens become text.</summary>
    internal DecoderPlan DecoderPlan { get; }

    /// <summary>Whether a space, or what stands for it, is put before a text that begins with no added token.</summary>
    internal bool PutsSpaceBefore(string text) => _pipeline.PutsSpaceBefore(text);

    /// <summary>The id of a token given by its text as tokenizer.json writes it, or <see langword="null"/>.</summary>
    internal int? IdOf(string token) => _tokens.IdOf(token);

    /// <summary>The tokens that are found in a text before its words are.</summary>
    internal IReadOnlyCollection<AddedToken> AddedTokens => _tokens.Added;

    /// <summary>Whether an id is that of an added token, which no merge makes.</summary>
    internal bool IsAdded(int id) => _tokens.IsAdded(id);

    /// <inheritdoc/>
    public override string Decode(IEnumerable<int> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Decode([.. ids], skipSpecialTokens: false);
    }

    /// <inheritdoc/>
    /// <remarks>A destination that is too small gets nothing: characters can spread over tokens.</remarks>
    public override OperationStatus Decode(IEnumerable<int> ids, Span<char> destination, out int idsConsumed, out int charsWritten)
    {
        ArgumentNullException.ThrowIfNull(ids);
        int[] all = [.. ids];
        bool fits = Decode(all, skipSpecialTokens: false).TryCopyTo(destination);
        idsConsumed = fits ? all.Length : 0;
        charsWritten = fits ? Decode(all, skipSpecialTokens: false).Length : 0;
        return fits ? OperationStatus.Done : OperationStatus.DestinationTooSmall;
    }

    /// <inheritdoc/>
    protected override EncodeResults<EncodedToken> EncodeToTokens(string? text, ReadOnlySpan<char> textSpan, EncodeSettings settings)
    {
        ReadOnlySpan<char> characters = text is null ? textSpan : text;
        List<TokenSpan> spans = new(characters.Length / 2);
        _pipeline.Encode(
            characters, new TokenSink(_words, [], spans, new EncodingBudget(characters.Length)), frames: true, normalizes: settings.ConsiderNormalization,
                splits: settings.ConsiderPreTokenization);
        if (settings.MaxTokenCount < spans.Count)
            spans.RemoveRange(settings.MaxTokenCount, spans.Count - settings.MaxTokenCount);
        return new EncodeResults<EncodedToken>
        {
            Tokens = [.. spans.Select(span => new EncodedToken(span.Id, _tokens.TextOf(span.Id), span.Start..(span.Start + span.Length)))],
            NormalizedText = null,
            CharsConsumed = spans.Count == 0 ? 0 : spans.Max(span => span.Start + span.Length),
        };
    }
}
