namespace MiniMind.MLNet.Dpo.ChatTemplates.Syntax;

/// <summary>Numbers for the names of a template's variables, so that looking one up compares numbers.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> _numbers = [];

    public int Count => _numbers.Count;

    public int NumberOf(string name)
    {
        if (!_numbers.TryGetValue(name, out int number))
            _numbers.Add(name, number = _numbers.Count);
        return number;
    }

    public bool TryGet(string name, out int number) => _numbers.TryGetValue(name, out number);
}
