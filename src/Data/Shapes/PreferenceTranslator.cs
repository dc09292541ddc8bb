using System.Text;
using System.Text.Json;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Brings preference rows of any known shape into the form with <c>prompt</c>, <c>chosen</c> and <c>rejected</c>.</summary>
internal sealed class PreferenceTranslator(PreferenceFileOptions options)
{
    private const string DefaultPrompt = "prompt";

    private bool IsMapped => options.Chosen is not null || options.Rejected is not null;

    private string[] Accounted { get; } = [.. options.ExtraColumns, .. options.NumberFields.SelectMany(number => number.Fields).Select(field => field.Field)];

    /// <summary>Translates a row.</summary>
    /// <param name="root">The row's object.</param>
    /// <param name="at">The line's place.</param>
    /// <exception cref="PreferenceDataException">The row is of no known shape, contradicts itself, or something of it would be left out.</exception>
    public Translation Translate(JsonElement root, LineLocation at)
    {
        SourceRow row = new(root, options.IgnoredFields, at);
        PairDraft draft = new();
        AnswerShape answers = FindAnswers(row);
        answers.Read(row, draft, options.Rankings);
        string dialogue = ReadTranscripts(row, draft);
        PromptShape? prompt = FindPrompt(row, draft);
        if (row.IsNamed(options.Prompt ?? DefaultPrompt) && prompt is null && !draft.SidesAreWhole)
            throw BlankPrompt(row, options.Prompt ?? DefaultPrompt);
        prompt?.Read(row, draft);
        if (prompt is not null)
            CheckPrompt(row, draft, prompt);
        dialogue += ReadPromptTranscript(draft);
        AddLead(row, draft);

        LeftoverPolicy policy = draft.IsBare ? LeftoverPolicy.Bare : IsMapped && options.Prompt is not null ? LeftoverPolicy.Mapped : LeftoverPolicy.Recognised;
        Leftovers.Check(row, ReadTexts.Of(row, Values(draft)), Accounted, policy, nameof(PreferenceFileOptions));
        if (draft.IsBare)
            CheckBare(row, draft, answers);
        string alone = draft.SidesAreWhole ? ", whole conversations" : draft.IsBare ? ", divided where they part" : "";
        string shape = prompt is null ? $"{answers.Name}{dialogue}{alone}" : $"{prompt.Name}, {answers.Name}{dialogue}";
        bool plain = dialogue.Length == 0 && (IsMapped || ReferenceEquals(answers, AnswerShapes.All[0]))
            && (prompt is null || options.Prompt is not null || ReferenceEquals(prompt, PromptShapes.All[0]));
        return new Translation([.. draft.Pairs.Select(pair => Write(pair, draft))], shape, plain, draft.Ties);
    }

    private AnswerShape FindAnswers(SourceRow row)
    {
        if (IsMapped)
        {
            string chosen = options.Chosen ?? "chosen", rejected = options.Rejected ?? "rejected";
            row.Require(chosen, nameof(options.Chosen));
            row.Require(rejected, nameof(options.Rejected));
            return new ChosenRejectedShape(chosen, rejected);
        }
        return AnswerShapes.All.FirstOrDefault(shape => shape.Matches(row))
            ?? throw row.At.Fault(BadRowReason.MissingField, "chosen",
                $"'chosen' is missing; a pair has 'chosen' and 'rejected', and the row has {row.Names}. The options Prompt, Chosen and Rejected of "
                + $"{nameof(PreferenceFileOptions)} name other fields.");
    }

    private PromptShape? FindPrompt(SourceRow row, PairDraft draft)
    {
        if (options.Prompt is { } mapped)
        {
            row.Require(mapped, nameof(options.Prompt));
            return row.Has(mapped) ? new PromptFieldShape(mapped) : null;
        }
        // beside whole conversations other fields can only repeat what they hold
        return PromptShapes.All.Where(shape => !draft.SidesAreWhole || ReferenceEquals(shape, PromptShapes.All[0])).FirstOrDefault(shape => shape.Matches(row));
    }

    // A list that ends with the assistant's message may be meant as the beginning of the answer, but not under a name of whole conversations.
    private static void CheckPrompt(SourceRow row, PairDraft draft, PromptShape prompt)
    {
        if (draft.Prompt?.Messages is not [.., { Role: MessageRole.Assistant } last] || draft.SidesAreWhole)
            return;
        if (prompt is PromptMessagesShape)
        {
            throw row.At.Fault(BadRowReason.DifferentPrompts, DefaultPrompt,
                $"the row has {prompt.Name}, and they end with the assistant's message '{Excerpt.Of(last.Text ?? "")}', so that they hold an answer "
                + "besides those in the pair; a prompt ends with what the answers answer.");
        }
    }

    private string ReadTranscripts(SourceRow row, PairDraft draft)
    {
        SourceValue[] sides = [.. draft.Pairs.SelectMany(pair => new[] { pair.Chosen, pair.Rejected })];
        string? prompt = FindPrompt(row, draft) is null ? null : PromptText(row);
        int transcripts = sides.Count(side =>
            side.Text is { } text && Transcript.Read(text) is { } turns && (prompt is null || Transcript.IsWhole(text, turns, prompt)));
        if (transcripts == 0)
            return "";
        if (transcripts < sides.Length)
        {
            throw row.At.Fault(BadRowReason.WrongType, null,
                "one side is a transcript of '\\n\\nHuman:' and '\\n\\nAssistant:' turns and the other is not; both must be of the same kind.");
        }

        draft.Change(side => SourceValue.Of(Transcript.Read(side.Text!)!));
        return ", transcripts of 'Human:' and 'Assistant:' turns";
    }

    // Beside a prompt, an answer may be a dialogue that was asked for.
    private string PromptText(SourceRow row) =>
        row.Peek(options.Prompt ?? DefaultPrompt) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private static string ReadPromptTranscript(PairDraft draft)
    {
        if (draft.Prompt?.Text is not { } text || Transcript.ReadPrompt(text) is not { } messages)
            return "";
        draft.Prompt = SourceValue.Of(messages);
        // the blank behind "Assistant:" belongs to the transcript
        draft.Change(side => side.Text is { } answer && answer.StartsWith(' ') ? SourceValue.Of(answer[1..]) : side);
        return ", the prompt a transcript of 'Human:' and 'Assistant:' turns";
    }

    private void AddLead(SourceRow row, PairDraft draft)
    {
        bool whole = draft.SidesAreWhole;
        List<SourceMessage> lead = LeadFields.TakeLead(row, options, takesHistory: !whole || options.History is not null);
        draft.ToolsJson ??= LeadFields.TakeTools(row, options.Tools);
        if (lead.Count == 0)
            return;
        if (draft.IsBare)
        {
            throw row.At.Fault(BadRowReason.MissingPrompt, DefaultPrompt,
                $"the row has messages before a prompt, and no prompt; it has {row.Names}. The option Prompt of {nameof(PreferenceFileOptions)} names the "
                + "prompt's field.");
        }

        if (whole)
            draft.Change(side => side.IsWhole ? SourceValue.Of(LeadFields.Before(lead, side.Messages!, row.At)) : side);
        else
            draft.Prompt = SourceValue.Of(LeadFields.Before(lead, AsMessages(draft.Prompt), row.At));
    }

    private static IReadOnlyList<SourceMessage> AsMessages(SourceValue? prompt) =>
        prompt?.Messages ?? (prompt?.Text is { } text ? [SourceMessage.Of(MessageRole.User, text)] : []);

    private static void CheckBare(SourceRow row, PairDraft draft, AnswerShape answers)
    {
        if (answers is not ChosenRejectedShape || draft.Pairs.Count != 1)
        {
            throw row.At.Fault(BadRowReason.MissingPrompt, DefaultPrompt,
                $"the row has {answers.Name}, and no prompt; it has {row.Names}. The option Prompt of {nameof(PreferenceFileOptions)} names the prompt's "
                + "field.");
        }

        foreach ((SourceValue chosen, SourceValue rejected) in draft.Pairs)
        {
            if (Transcript.LooksLikeOne(chosen.Text!) && Transcript.LooksLikeOne(rejected.Text!)
                && !Transcript.EndsAsOnePrompt(chosen.Text![..ImplicitPrompt.Length(chosen.Text!, rejected.Text!)]))
            {
                throw row.At.Fault(BadRowReason.UnreadField, null,
                    $"the answers look like transcripts, '{Excerpt.Of(chosen.Text!)}', in a form that is not known, and marks of its speakers would "
                    + "become words of its messages; give the prompt as a field of its own, message lists, or '\\n\\nHuman:' and '\\n\\nAssistant:' turns.");
            }
        }
    }

    private static PreferenceDataException BlankPrompt(SourceRow row, string name) =>
        row.At.Fault(BadRowReason.MissingPrompt, name, $"'{name}' is empty; give the text that the answers answer.");

    private static IEnumerable<SourceValue> Values(PairDraft draft)
    {
        IEnumerable<SourceValue> sides = draft.Pairs.SelectMany(pair => new[] { pair.Chosen, pair.Rejected });
        return draft.Prompt is { } prompt ? sides.Append(prompt) : sides;
    }

    private byte[] Write((SourceValue Chosen, SourceValue Rejected) pair, PairDraft draft)
    {
        StringBuilder json = new("{");
        if (draft.Prompt is not null)
            Append(json, options.Prompt ?? DefaultPrompt, draft.Prompt.Json);
        Append(json, options.Chosen ?? "chosen", pair.Chosen.Json);
        Append(json, options.Rejected ?? "rejected", pair.Rejected.Json);
        if (draft.ToolsJson is not null)
            Append(json, options.Tools ?? "tools", draft.ToolsJson);
        return Encoding.UTF8.GetBytes(json.Append('}').ToString());
    }

    private static void Append(StringBuilder json, string name, string value) =>
        json.Append(json.Length > 1 ? "," : "").Append(JsonString.Of(name)).Append(':').Append(value);
}
