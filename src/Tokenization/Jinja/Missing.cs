namespace MiniMind.MLNet.Dpo.Tokenization.Jinja;

/// <summary>Stands where there is no value at all: a name never set, an argument not given.</summary>
internal sealed class Missing
{
    public static readonly Missing Value = new();

    private Missing()
    {
    }
}
