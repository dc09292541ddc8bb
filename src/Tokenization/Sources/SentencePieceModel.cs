namespace MiniMind.MLNet.Dpo.Tokenization.Sources;

/// <summary>What a SentencePiece model says (sentencepiece_model.proto).</summary>
internal sealed record SentencePieceModel
{
    private const int Unigram = 1, Merges = 2;

    /// <summary>The pieces, their log-probabilities or ranks, and their kinds, by id.</summary>
    public List<(string Text, float Score, PieceKind Kind)> Pieces { get; } = new();

    /// <summary>Whether it merges pairs; else it looks for the most probable pieces.</summary>
    public bool MergesPairs { get; private set; }

    /// <summary>Whether characters that no piece has become bytes.</summary>
    public bool FallsBackToBytes { get; private set; }

    /// <summary>Whether a space is put before a text.</summary>
    public bool AddsPrefix { get; private set; } = true;

    /// <summary>Whether spaces at the ends of a text, and all but one of several, are left out.</summary>
    public bool RemovesSpaces { get; private set; } = true;

    /// <summary>The rules of what characters become (<c>precompiled_charsmap</c>); empty where they stay.</summary>
    public byte[] Rules { get; private set; } = [];

    /// <summary>The ids of the tokens that are unknown, begin, end and fill; negative where there is none.</summary>
    public (int Unknown, int Bos, int Eos, int Pad) Ids { get; private set; } = (0, 1, 2, -1);

    /// <summary>Reads the bytes of a tokenizer.model.</summary>
    /// <exception cref="InvalidDataException">They are damaged, or ask for something that is not supported.</exception>
    public static SentencePieceModel Read(ReadOnlySpan<byte> bytes)
    {
        SentencePieceModel model = new();
        ProtobufReader reader = new(bytes, SentencePieceSource.FileName);
        int kind = Unigram;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    model.ReadPiece(reader.Bytes);
                    break;
                case 2:
                    kind = model.ReadTrainer(reader.Bytes);
                    break;
                case 3:
                    model.ReadNormalizer(reader.Bytes);
                    break;
                default:
                    break; // tests of the model itself, and how decoded texts are changed
            }
        }
        if (model.Pieces.Count == 0)
            throw Refused("it has no pieces");
        if (kind is not (Unigram or Merges))
            throw Refused($"trainer_spec.model_type is {(kind == 3 ? "WORD" : kind == 4 ? "CHAR" : kind)}; supported: UNIGRAM, BPE");
        model.MergesPairs = kind == Merges;
        return model;
    }

    /// <summary>An error about what the model says.</summary>
    public static InvalidDataException Refused(string what) => new($"{SentencePieceSource.FileName}: {what}.");

    private void ReadPiece(ReadOnlySpan<byte> bytes)
    {
        if (Pieces.Count >= TokenizerLimits.Vocabulary)
            throw Refused($"it has more than {TokenizerLimits.Vocabulary} pieces; no more are taken");
        (string text, float score, PieceKind kind) = ("", 0, PieceKind.Normal);
        ProtobufReader reader = new(bytes, SentencePieceSource.FileName);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    text = reader.Text();
                    break;
                case 2:
                    score = reader.Single;
                    break;
                case 3:
                    kind = (PieceKind)reader.Integer;
                    break;
                default:
                    break;
            }
        }
        if (text.Length is 0 or > AddedTokenReader.MaxContentLength || !float.IsFinite(score) || !Enum.IsDefined(kind))
        {
            throw Refused($"piece {Pieces.Count} has no text of 1 to {AddedTokenReader.MaxContentLength} characters, " +
                "no finite score, or a type that there is not");
        }

        Pieces.Add((text, score, kind));
    }

    private int ReadTrainer(ReadOnlySpan<byte> bytes)
    {
        int kind = Unigram;
        ProtobufReader reader = new(bytes, SentencePieceSource.FileName);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3:
                    kind = reader.Integer;
                    break;
                case 24 when reader.Flag:
                    throw Refused("trainer_spec.treat_whitespace_as_suffix is true; supported: false");
                case 35:
                    FallsBackToBytes = reader.Flag;
                    break;
                case 40:
                    Ids = Ids with { Unknown = reader.Integer };
                    break;
                case 41:
                    Ids = Ids with { Bos = reader.Integer };
                    break;
                case 42:
                    Ids = Ids with { Eos = reader.Integer };
                    break;
                case 43:
                    Ids = Ids with { Pad = reader.Integer };
                    break;
                default:
                    break; // how it was trained
            }
        }
        return kind;
    }

    private void ReadNormalizer(ReadOnlySpan<byte> bytes)
    {
        ProtobufReader reader = new(bytes, SentencePieceSource.FileName);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 2:
                    Rules = reader.Bytes.ToArray();
                    break;
                case 3:
                    AddsPrefix = reader.Flag;
                    break;
                case 4:
                    RemovesSpaces = reader.Flag;
                    break;
                case 5 when !reader.Flag:
                    throw Refused("normalizer_spec.escape_whitespaces is false; supported: true");
                default:
                    break;
            }
        }
    }
}
