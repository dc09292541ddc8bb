namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>Which columns a reward model reads and adds, and how many tokens of a conversation it reads at most; saved with it.</summary>
internal sealed record RewardSettings(string OutputColumnName, string ConversationColumnName, int MaxLength);
