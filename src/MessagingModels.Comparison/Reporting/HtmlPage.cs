using System.Net;
using System.Text;

namespace MessagingModels.Comparison.Reporting;

/// <summary>Collects HTML. Text goes in escaped; only this class and the chart renderer write markup.</summary>
internal sealed class HtmlPage
{
    private readonly StringBuilder _html = new();

    /// <summary>Adds markup as it is.</summary>
    public HtmlPage Raw(string markup)
    {
        _html.Append(markup);
        return this;
    }

    /// <summary>Adds an element with text in it.</summary>
    public HtmlPage Element(string name, string text, string? cssClass = null)
    {
        Open(name, cssClass);
        _html.Append(WebUtility.HtmlEncode(text));
        return Close(name);
    }

    public HtmlPage Open(string name, string? cssClass = null, string? id = null)
    {
        _html.Append('<').Append(name);
        if (cssClass is not null)
            _html.Append(" class=\"").Append(WebUtility.HtmlEncode(cssClass)).Append('"');
        if (id is not null)
            _html.Append(" id=\"").Append(WebUtility.HtmlEncode(id)).Append('"');
        _html.Append('>');
        return this;
    }

    public HtmlPage Close(string name)
    {
        _html.Append("</").Append(name).Append(">\n");
        return this;
    }

    /// <summary>Adds a table's opening, with its headings; one that begins with # is of a column of numbers.</summary>
    public HtmlPage OpenTable(string cssClass, params ReadOnlySpan<string> headings)
    {
        Raw("<div class=\"scroll\">").Open("table", cssClass).Raw("<thead><tr>");
        foreach (string heading in headings)
            Element("th", heading.TrimStart('#'), heading.StartsWith('#') ? "n" : null);
        return Raw("</tr></thead><tbody>\n");
    }

    public HtmlPage CloseTable() => Raw("</tbody></table></div>\n");

    /// <summary>Adds the command that measures something again.</summary>
    public HtmlPage Command(string command) => Open("p", "command").Raw("again: ").Element("code", command).Close("p");

    public override string ToString() => _html.ToString();
}
