namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>The known ways of giving the prompt, in the order in which a row is tried.</summary>
internal static class PromptShapes
{
    /// <summary>The first that matches a row reads it; what it leaves is checked against what it read.</summary>
    public static IReadOnlyList<PromptShape> All { get; } =
    [
        new PromptFieldShape("prompt"),
        new InstructionShape(), // Alpaca
        new PromptFieldShape("question"), // orca_dpo_pairs
        new PromptFieldShape("query"),
        new PromptMessagesShape("context_messages"), // OpenRLHF
        new PromptMessagesShape("conversations"), // ShareGPT
        new PromptMessagesShape("messages"),
        new PromptMessagesShape("conversation"),
        new InputMessagesShape(), // OpenAI's preference fine-tuning
        new PromptFieldShape("input"), // distilabel
        new PromptMessagesShape("context"), // HelpSteer3
        new PostShape(), // SHP
    ];
}
