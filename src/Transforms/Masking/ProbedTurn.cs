namespace MiniMind.MLNet.Dpo.Transforms.Masking;

/// <summary>What stands between a content and the answer behind it.</summary>
/// <param name="Symbols">The symbols.</param>
/// <param name="IsMarked">Whether they end where a generation mark starts.</param>
/// <param name="FollowsUser">Whether the content before is a user's.</param>
internal sealed record ProbedTurn(int[] Symbols, bool IsMarked, bool FollowsUser);
