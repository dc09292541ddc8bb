using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Transforms;

/// <summary>What decides which tokens are a response, besides the tokenizer, as it is saved.</summary>
/// <param name="Columns">The masks, and the columns of their tokens.</param>
/// <param name="Template">The template that wrote the texts.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Answers">Which answers count.</param>
/// <param name="ResponseStart">The text behind which an answer starts, where the template is not asked.</param>
/// <param name="ResponseEnd">The text that ends an answer and belongs to it, where the template is not asked.</param>
/// <param name="Markers">What was found in the template, and proven; <see langword="null"/> where it is still to be found.</param>
internal sealed record MaskResponsesSettings(
    ColumnPair[] Columns, TemplateSettings Template, ResponseMaskRule Rule,
    CountedAnswers Answers = CountedAnswers.Every, string? ResponseStart = null, string? ResponseEnd = null, TurnMarkers? Markers = null)
{
    /// <summary>The rule in words, for the record of a training run.</summary>
    public string Description => Rule + Between + Answers switch
    {
        CountedAnswers.Last => ", the last answer",
        CountedAnswers.AfterParting => ", the answers from where the sides part",
        _ => "",
    };

    private string Between => ResponseStart is null ? "" : $" between {QuotedText.Of(ResponseStart)} and {QuotedText.Of(ResponseEnd!)}";

    /// <summary>The same settings, if they go together.</summary>
    /// <exception cref="ArgumentException">They contradict themselves.</exception>
    public MaskResponsesSettings Checked()
    {
        ColumnPair.Checked(Columns);
        if (!Enum.IsDefined(Rule))
            throw new ArgumentOutOfRangeException(nameof(Rule), Rule, $"A mask rule is one of {string.Join(", ", Enum.GetNames<ResponseMaskRule>())}.");
        if (!Enum.IsDefined(Answers))
        {
            throw new ArgumentOutOfRangeException(nameof(Answers), Answers,
                $"The answers that count are one of {string.Join(", ", Enum.GetNames<CountedAnswers>())}.");
        }

        if (FaultOf(Rule, ResponseStart, ResponseEnd) is { } fault)
            throw new ArgumentException(fault);
        if (Answers == CountedAnswers.AfterParting && Columns.Length < 2)
        {
            throw new ArgumentException(
                $"{CountedAnswers.AfterParting} compares the sides of a row, but one column is named; mask both sides in one call, or count " +
                $"{CountedAnswers.Every} or the {CountedAnswers.Last} answer.");
        }

        return Markers is null or { IsSound: true } ? this
            : throw new ArgumentException($"{nameof(Markers)} has a text without symbols, or not one mask for each symbol");
    }

    /// <summary>What is wrong with texts that say where answers stand; <see langword="null"/> for nothing.</summary>
    public static string? FaultOf(ResponseMaskRule rule, string? start, string? end)
    {
        if (start is null && end is null)
            return null;
        if (string.IsNullOrEmpty(start) || string.IsNullOrEmpty(end))
        {
            return $"{nameof(ResponseStart)} and {nameof(ResponseEnd)} go together, and neither is empty: the text behind which an answer starts, and the " +
                "text that ends it";
        }

        return rule == ResponseMaskRule.HeaderPattern
            ? $"{nameof(ResponseStart)} and {nameof(ResponseEnd)} do nothing with {nameof(ResponseMaskRule)}.{rule}, which has its own; leave them out, or " +
                $"take {nameof(ResponseMaskRule.ResponseSpan)}"
            : null;
    }
}
