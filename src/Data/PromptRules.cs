namespace MiniMind.MLNet.Dpo.Data;

/// <summary>What the two sides of a pair must share, and where they must differ.</summary>
internal static class PromptRules
{
    /// <summary>Checks whole conversations: the same messages up to the answer, then different answers.</summary>
    /// <remarks>
    /// An answer may take several messages (the assistant's tool calls, the tools' results, the assistant's text), but no message
    /// that prompts anew: conversations that part before the last prompt answer different prompts.
    /// </remarks>
    /// <returns>How many messages the two sides share.</returns>
    public static int CheckConversations(RowField chosen, RowField rejected, ReadOnlySpan<byte> line, LineLocation at)
    {
        int shared = SharedMessages(chosen, rejected, line);
        int shorter = Math.Min(chosen.Messages.Count, rejected.Messages.Count);
        if (shared == shorter)
        {
            if (chosen.Messages.Count == rejected.Messages.Count)
                throw Identical(at);
            (string longSide, string shortSide) = chosen.Messages.Count > shorter ? ("chosen", "rejected") : ("rejected", "chosen");
            throw Different(shared, $"'{longSide}' goes on after the {shared} messages that it shares with '{shortSide}'", at);
        }

        MessageSlice left = chosen.Messages[shared], right = rejected.Messages[shared];
        if (left.Role != MessageRole.Assistant || right.Role != MessageRole.Assistant)
            throw Different(shared, $"'chosen[{shared}]' is {Quote(left, line)} and 'rejected[{shared}]' is {Quote(right, line)}", at);
        if (shared == 0)
            throw at.Fault(BadRowReason.MissingPrompt, "chosen", "'chosen' and 'rejected' begin with their answers; put the shared prompt before them, or give it as 'prompt'.");
        if (PromptsAgain(chosen, shared) || PromptsAgain(rejected, shared))
            throw Different(shared, $"'chosen[{shared}]' is {Quote(left, line)} and 'rejected[{shared}]' is {Quote(right, line)}, and another prompt follows", at);
        return shared;
    }

    /// <summary>Checks completions of an explicit prompt, which may be whole dialogues.</summary>
    public static void CheckCompletions(RowField chosen, RowField rejected, ReadOnlySpan<byte> line, LineLocation at)
    {
        int shared = SharedMessages(chosen, rejected, line);
        if (shared == chosen.Messages.Count && shared == rejected.Messages.Count)
            throw Identical(at);
    }

    /// <summary>Checks that a prompt given beside whole conversations is one that they share.</summary>
    public static void CheckRepeatedPrompt(RowField prompt, RowField chosen, int shared, ReadOnlySpan<byte> line, LineLocation at)
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
            throw at.Fault(BadRowReason.DifferentPrompts, "prompt", $"'chosen' and 'rejected' begin with role '{chosen.Messages[0].Role.Name()}', so they are whole conversations, but they do not contain the 'prompt' '{Excerpt.Of(line[prompt.Json])}'; leave 'prompt' out, or start both sides with the answer.");
    }

    /// <summary>The error for a pair without a difference.</summary>
    public static PreferenceDataException Identical(LineLocation at) =>
        at.Fault(BadRowReason.IdenticalSides, "rejected", "'chosen' and 'rejected' are the same; a pair needs two different answers.");

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

    private static bool PromptsAgain(RowField side, int from)
    {
        for (int i = from; i < side.Messages.Count; i++)
        {
            if (side.Messages[i].Role.IsPrompting())
                return true;
        }
        return false;
    }

    private static string Quote(MessageSlice message, ReadOnlySpan<byte> line) => $"{message.Role.Name()} '{Excerpt.Of(line[message.Content])}'";

    private static PreferenceDataException Different(int message, string what, LineLocation at) =>
        at.Fault(BadRowReason.DifferentPrompts, $"chosen[{message}]", $"the prompts differ: {what}; both sides must hold the same messages up to the answer. To compare dialogues of several turns, give what they share as 'prompt'.");
}
