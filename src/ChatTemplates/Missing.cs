namespace MiniMind.MLNet.Dpo.ChatTemplates;

/// <summary>Stands where there is no value at all: a name never set, an argument not given.</summary>
internal sealed class Missing
{
    public static readonly Missing Value = new();

    private Missing()
    {
    }
}
