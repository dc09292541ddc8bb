namespace MiniMind.MLNet.Dpo.Tokenization.Decoding;

/// <summary>Leaves a character out at the ends of a text that comes in parts.</summary>
/// <param name="plan">Which, and how often.</param>
/// <param name="goesOn">Whether there is a text before, so that this is no beginning.</param>
internal sealed class TextEnds(DecoderPlan plan, bool goesOn = false)
{
    private int _mayStrip = goesOn ? 0 : plan.StripsAtStart;
    private int _held;

    /// <summary>What of a further part is surely kept.</summary>
    public string Append(string part)
    {
        int start = 0;
        while (_mayStrip > 0 && start < part.Length && part[start] == plan.Stripped)
        {
            start++;
            _mayStrip--;
        }
        if (start == part.Length)
            return "";
        _mayStrip = 0;
        if (plan.StripsAtEnd == 0)
            return part[start..];
        int end = part.Length;
        while (end > start && part[end - 1] == plan.Stripped)
            end--;
        int trailing = part.Length - end + (end == start ? _held : 0);
        string before = end == start ? "" : new string(plan.Stripped, _held) + part[start..end];
        _held = Math.Min(trailing, plan.StripsAtEnd);
        return before + new string(plan.Stripped, trailing - _held);
    }
}
