namespace MiniMind.MLNet.Dpo.Tool.Configuration;

/// <summary>Where a setting was written: a place in a file, or an option of the command line.</summary>
/// <param name="Source">The file, or the option.</param>
/// <param name="Line">The line, from 1; 0 for the command line.</param>
/// <param name="Column">The column, from 1.</param>
internal readonly record struct ConfigPlace(string Source, long Line = 0, long Column = 0)
{
    public override string ToString() => Line == 0 ? Source : FormattableString.Invariant($"{Source}:{Line}:{Column}");
}
