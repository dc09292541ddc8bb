namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Which columns a reward model reads and adds, and how it reads a conversation; saved with it.</summary>
/// <param name="OutputColumnName">The added column.</param>
/// <param name="ConversationColumnName">The column that is read.</param>
/// <param name="MaxLength">The most tokens of a conversation that are read.</param>
/// <param name="ControlTokens">What becomes of control tokens that contents spell; in files of before there was a choice they are tokens.</param>
internal sealed record RewardSettings(string OutputColumnName, string ConversationColumnName, int MaxLength,
    ControlTokenPolicy ControlTokens = ControlTokenPolicy.AsTokens);
