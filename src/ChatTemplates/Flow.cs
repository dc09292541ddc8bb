namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>How a statement ends: in order, or by leaving the loop or the iteration around it.</summary>
internal enum Flow
{
    Next,
    Break,
    Continue,
}
