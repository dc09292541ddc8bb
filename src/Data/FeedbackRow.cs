using System.Text.Json;
using MiniMind.MLNet.Dpo.Data.Shapes;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>A conversation in any of the shapes that files of conversations have, and a person's verdict on its last answer.</summary>
internal sealed class FeedbackRow : ConversationRow
{
    private static readonly string[] s_names = ["label", "kto_tag", "feedback", "thumbs", "thumb", "vote"];

    private readonly FeedbackFileOptions _options;
    private readonly Dictionary<string, ConversationTranslator> _translators = new(StringComparer.Ordinal);
    private int? _bad; // 0 or -1: which of them the file's numbers have for bad answers
    private bool _label;

    public FeedbackRow(FeedbackFileOptions options, Action<string, LineLocation>? tookShape = null)
        : base(options.Conversations([]), options, nameof(FeedbackFileOptions), tookShape) => _options = options;

    /// <inheritdoc/>
    public override bool Label => _label;

    /// <inheritdoc/>
    protected override bool NeedsTranslation(ReadOnlySpan<byte> line) => true; // the label is not the conversation's

    /// <inheritdoc/>
    protected override Translation Translate(JsonElement root, LineLocation at)
    {
        SourceRow row = new(root, _options.IgnoredFields, at);
        string field = FindLabel(row);
        string[] repeated = [.. s_names.Where(name => name != field && row.Has(name) && Thumb.Read(row.Peek(name)) is not null)];
        int said = Read(row, field);
        foreach (string other in repeated)
        {
            if (Thumb.Read(row.Peek(other)) > 0 != said > 0)
            {
                throw at.Fault(BadRowReason.UnreadField, other,
                    $"'{field}' is {Shown(row, field)} and '{other}' is {Shown(row, other)}, which contradict each other; name the one that is meant by the "
                    + $"option {nameof(FeedbackFileOptions.Label)}, and the other in {nameof(FeedbackFileOptions.IgnoredFields)}.");
            }
        }
        Translation translation = Translator([field, .. repeated]).Translate(root, at);
        _label = said > 0;
        return translation with { Shape = $"{translation.Shape}, the verdict in '{field}'" };
    }

    private static string Shown(SourceRow row, string field) => $"'{Excerpt.Of(row.Peek(field).GetRawText())}'";

    private string FindLabel(SourceRow row)
    {
        if (_options.Label is { } mapped)
        {
            row.Require(mapped, nameof(FeedbackFileOptions.Label));
            return mapped;
        }
        string? found = s_names.FirstOrDefault(name => row.Has(name) && Thumb.Read(row.Peek(name)) is not null) ?? s_names.FirstOrDefault(row.IsNamed);
        return found ?? throw row.At.Fault(BadRowReason.MissingField, s_names[0],
            $"the row does not say whether its answer is good: it has {row.Names}, and none of '{string.Join("', '", s_names)}'. The option "
            + $"{nameof(FeedbackFileOptions.Label)} of {nameof(FeedbackFileOptions)} names another field.");
    }

    private int Read(SourceRow row, string field)
    {
        JsonElement value = row.Peek(field);
        if (Thumb.Read(value) is not { } said)
        {
            throw row.At.Fault(BadRowReason.WrongType, field,
                $"'{field}' is {Shown(row, field)}, which does not say whether the answer is good; it must be {Thumb.Right}. Leave out rows "
                + "without a verdict.");
        }

        if (said > 0 || !Thumb.IsNumber(value))
            return said;
        if (_bad is { } other && other != said)
        {
            throw row.At.Fault(BadRowReason.WrongType, field,
                $"'{field}' is {said}, and an earlier row has {other}: where -1 is a bad answer, 0 may be no verdict. Leave out rows without a verdict.");
        }

        _bad = said;
        return said;
    }

    private ConversationTranslator Translator(string[] labels)
    {
        string key = string.Join('\n', labels);
        if (!_translators.TryGetValue(key, out ConversationTranslator? translator))
            _translators[key] = translator = new ConversationTranslator(_options.Conversations(labels), nameof(FeedbackFileOptions));
        return translator;
    }
}
