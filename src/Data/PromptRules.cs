namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What the two sides of a pair must share, and where they must differ.</summary>
internal static class PromptRules
{
    /// <summary>Checks whole conversations: the same messages up to an answer, then answers that differ, and whatever follows them.</summary>
    /// <remarks>
    /// What both sides share is the prompt. An answer may take several messages (the assistant's tool calls, the tools' results, the
    /// assistant's text), and conversations may part before the last turn: then each side has its own turns from there on.
    /// </remarks>
    /// <returns>How many messages the two sides share.</returns>
    public static int CheckConversations(RowField chosen, RowField rejected, ReadOnlySpan<byte> line, LineLocation at)
    {
        int shared = SharedMessages(chosen, rejected, line);
        int shorter = Math.Min(chosen.Messages.Count, rejected.Messages.Count);
        if (shared == shorter)
        {
            if (chosen.Messages.Count == rejected.Messages.Count)
                throw Identical(chosen, rejected, at);
            (RowField longSide, RowField shortSide) = chosen.Messages.Count > shorter ? (chosen, rejected) : (rejected, chosen);
            throw Different(chosen, shared, $"'{longSide.Name}' goes on after the {shared} messages that it shares with '{shortSide.Name}'", at);
        }

        MessageSlice left = chosen.Messages[shared], right = rejected.Messages[shared];
        if (left.Role != MessageRole.Assistant || right.Role != MessageRole.Assistant)
            throw Different(chosen, shared, $"'{chosen.Name}[{shared}]' is {Quote(left, line)} and '{rejected.Name}[{shared}]' is {Quote(right, line)}", at);
        if (shared == 0)
        {
            throw at.Fault(BadRowReason.MissingPrompt, chosen.Name,
                $"'{chosen.Name}' and '{rejected.Name}' begin with their answers; put the shared prompt before them, or give it as 'prompt'.");
        }

        return shared;
    }

    /// <summary>Checks completions of an explicit prompt, which may be whole dialogues.</summary>
    public static void CheckCompletions(RowField chosen, RowField rejected, ReadOnlySpan<byte> line, LineLocation at)
    {
        int shared = SharedMessages(chosen, rejected, line);
        if (shared == chosen.Messages.Count && shared == rejected.Messages.Count)
            throw Identical(chosen, rejected, at);
    }

    /// <summary>Checks that a prompt which ends with the assistant's message, as the beginning of the answer, does not hold an answer already.</summary>
    public static void CheckPrefill(RowField prompt, RowField side, ReadOnlySpan<byte> line, LineLocation at)
    {
        if (prompt.Kind != FieldKind.Messages || prompt.Messages[^1].Role != MessageRole.Assistant)
            return;
        Range answer = side.Kind == FieldKind.Text ? side.Json : side.Messages.Count == 1 ? side.Messages[0].Content : default;
        if (!answer.Equals(default) && JsonText.SameString(line[prompt.Messages[^1].Content], line[answer]))
        {
            throw at.Fault(BadRowReason.DifferentPrompts, prompt.Name,
                $"'{prompt.Name}' ends with the answer of '{side.Name}'; a prompt ends with what the answers answer.");
        }
    }

    /// <summary>Checks that a prompt given beside whole conversations is one that they share.</summary>
    public static void CheckRepeatedPrompt(RowField prompt, RowField chosen, RowField rejected, int shared, ReadOnlySpan<byte> line, LineLocation at)
    {
        bool repeats = prompt.Kind == FieldKind.Messages ? prompt.Messages.Count <= shared : false;
        if (prompt.Kind == FieldKind.Messages)
        {
            for (int i = 0; repeats && i < prompt.Messages.Count; i++)
                repeats = SameMessage(prompt.Messages[i], chosen.Messages[i], line);
        }
        else
        {
            for (int i = 0; !repeats && i < shared; i++)
                repeats = chosen.Messages[i].Role == MessageRole.User && JsonText.SameString(line[prompt.Json], line[chosen.Messages[i].Content]);
        }
        if (!repeats)
        {
            throw at.Fault(BadRowReason.DifferentPrompts, prompt.Name,
                $"'{chosen.Name}' and '{rejected.Name}' begin with role '{chosen.Messages[0].Role.Name()}', so they are whole conversations, but they do "
                + $"not contain the '{prompt.Name}' '{Excerpt.Of(line[prompt.Json])}'; leave '{prompt.Name}' out, or start both sides with the answer.");
        }
    }

    /// <summary>Whether both sides begin with all messages of the prompt.</summary>
    public static bool BothBeginWith(RowField prompt, RowField chosen, RowField rejected, ReadOnlySpan<byte> line) =>
        prompt.Kind == FieldKind.Messages && BeginsWith(chosen, prompt, line) && BeginsWith(rejected, prompt, line);

    /// <summary>The error for a pair without a difference.</summary>
    public static PreferenceDataException Identical(RowField chosen, RowField rejected, LineLocation at) =>
        at.Fault(BadRowReason.IdenticalSides, rejected.Name, $"'{chosen.Name}' and '{rejected.Name}' are the same; a pair needs two different answers.");

    private static bool BeginsWith(RowField side, RowField prompt, ReadOnlySpan<byte> line)
    {
        for (int i = 0; i < prompt.Messages.Count; i++)
        {
            if (i >= side.Messages.Count || !SameMessage(prompt.Messages[i], side.Messages[i], line))
                return false;
        }
        return side.Messages.Count > prompt.Messages.Count;
    }

    private static int SharedMessages(RowField chosen, RowField rejected, ReadOnlySpan<byte> line)
    {
        int shorter = Math.Min(chosen.Messages.Count, rejected.Messages.Count);
        int shared = 0;
        while (shared < shorter && SameMessage(chosen.Messages[shared], rejected.Messages[shared], line))
            shared++;
        return shared;
    }

    private static bool SameMessage(MessageSlice left, MessageSlice right, ReadOnlySpan<byte> line) =>
        left.Role == right.Role
        && JsonText.SameString(line[left.Content], line[right.Content])
        && JsonText.SameValue(line[left.Json], line[right.Json]);

    private static string Quote(MessageSlice message, ReadOnlySpan<byte> line) => $"{message.Role.Name()} '{Excerpt.Of(line[message.Content])}'";

    private static PreferenceDataException Different(RowField chosen, int message, string what, LineLocation at) =>
        at.Fault(BadRowReason.DifferentPrompts, $"{chosen.Name}[{message}]",
            $"the prompts differ: {what}; both sides must hold the same messages up to the answer.");
}
