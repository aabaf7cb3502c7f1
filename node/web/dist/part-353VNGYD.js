import{a as r}from"./part-VBXKDTCH.js";var a,k=r(()=>{a=["ar","en","es","fr","id","kk","mn","ru","zh"]});export{k as a,a as b};
