using Microsoft.Extensions.AI;

namespace QuickStart;

/// <summary>Asks a model, and sets its answers before and after training beside each other.</summary>
internal static class Answers
{
    private const int ColumnWidth = 54;
    private const int LongestAnswer = 64;

    /// <summary>The most likely answer to every prompt.</summary>
    public static async Task<IReadOnlyList<string>> AskAsync(
        IChatClient chat, IReadOnlyList<IReadOnlyList<ChatMessage>> prompts, CancellationToken cancellationToken)
    {
        ChatOptions greedy = new() { Temperature = 0, MaxOutputTokens = LongestAnswer };
        List<string> answers = [];
        foreach (IReadOnlyList<ChatMessage> prompt in prompts)
            answers.Add((await chat.GetResponseAsync(prompt, greedy, cancellationToken)).Text.Trim());
        return answers;
    }

    /// <summary>Prints every prompt with both answers.</summary>
    public static void Show(IReadOnlyList<IReadOnlyList<ChatMessage>> prompts, IReadOnlyList<string> before, IReadOnlyList<string> after)
    {
        Console.WriteLine("\nHeld-out prompts, answered before | after");
        for (int i = 0; i < prompts.Count; i++)
        {
            Console.WriteLine($"  > {Prompts.Shorten(prompts[i][^1].Text)}");
            foreach (string line in Columns.SideBySide(before[i], after[i], ColumnWidth))
                Console.WriteLine("    " + line);
        }
    }
}
